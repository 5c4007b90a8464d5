# Fuzzing and other machines, for Makefile.
#
#   make -C csrc/tests fuzz         each fuzz target for FUZZ_SECONDS, from seeds of the vectors
#   make -C csrc/tests vectors      all vectors of files, under every sanitizer and as 32 bits
#   make -C csrc/tests cross        check and vectors on ARM64 and 32-bit ARM, emulated
#   make -C csrc/tests windows      the same compiled by mingw
#   make -C csrc/tests wine         and run by Wine, which is large: not in `all`

all: m32 fuzz vectors cross windows

FUZZ_SECONDS ?= 6
FUZZ_TARGETS = armor cbor license verify fingerprint
FUZZ_CFLAGS = -std=c11 -g -O1 -fno-tree-vectorize $(WARN) -I../include -I../src -I$(BASE_TABLES) \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
CORPUS = $(OUT)/corpus

# fuzz_license.c has its own arithmetic
ARITHMETIC = $(addprefix ../src/, ed25519.c p256.c)
# clang takes minutes for the unrolled vector code with all sanitizers: it is compiled without,
# once. `sanitize` looks at it with gcc's.
UNROLLED = $(wildcard ../src/group*_ifma.c ../src/group*_mulx.c)
PLAIN = $(patsubst ../src/%.c,$(OUT)/plain/%.o,$(UNROLLED))
fuzz_sources = $(filter-out $(UNROLLED) $(if $(filter license,$(1)),$(ARITHMETIC)),$(SOURCES)) $(PLAIN)

$(OUT)/plain/%.o: ../src/%.c $(HEADERS)
	@mkdir -p $(OUT)/plain
	@clang $(CFLAGS) -O1 -c $< -o $@

sanitize-clang: $(PLAIN)
	@clang $(CFLAGS) -O1 $(SANITIZE) $(filter-out $(UNROLLED),$(SOURCES)) $(PLAIN) check.c -o $(OUT)/$@
	@$(OUT)/$@ > $(OUT)/$@.log 2>&1 || { cat $(OUT)/$@.log; echo "FAILED: $@"; exit 1; }
	@echo "ok: check clang -O1 $(SANITIZE)"

fuzz: $(addprefix fuzz-,$(FUZZ_TARGETS))

$(CORPUS)/seeds: corpus.py $(wildcard ../../tests/vectors/*/*.json) known.h
	@mkdir -p $(CORPUS)
	@$(PYTHON) -B corpus.py $(CORPUS)
	@$(PYTHON) -B corpus.py --lines > $(CORPUS)/lines
	@touch $@

fuzz-%: $(CORPUS)/seeds $(PLAIN)
	@mkdir -p $(CORPUS)/$*-found
	@clang $(FUZZ_CFLAGS) $(call fuzz_sources,$*) fuzz_$*.c -o $(OUT)/fuzz-$*
	@cd $(OUT) && ./fuzz-$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=8192 \
		-print_final_stats=1 $(CORPUS)/$*-found $(CORPUS)/$* > $(OUT)/fuzz-$*.log 2>&1 \
		|| { tail -40 $(OUT)/fuzz-$*.log; echo "FAILED: fuzz $*"; exit 1; }
	@echo "ok: fuzz $*, $$(sed -n 's/.*number_of_executed_units: *//p' $(OUT)/fuzz-$*.log) inputs"

# Memory is what these look at, so the arithmetic is compiled as in the other targets.
vectors: vectors-asan vectors-msan vectors-m32
vectors-asan: VARIANT = clang -O1 $(SANITIZE)
vectors-msan: VARIANT = clang -O1 $(MSAN)
vectors-m32: VARIANT = gcc -O2 -m32

vectors-asan: REST = $(PLAIN)
vectors-asan: $(PLAIN)
vectors-msan: VARIANT += $(PORTABLE)

vectors-asan vectors-msan vectors-m32: $(CORPUS)/seeds
	@$(VARIANT) $(CFLAGS) $(filter-out $(if $(REST),$(UNROLLED)),$(SOURCES)) $(REST) vectors.c -o $(OUT)/$@
	@$(OUT)/$@ < $(CORPUS)/lines || { echo "FAILED: $@"; exit 1; }
	@echo "ok: vectors $(VARIANT)"

# Compilers and what runs their programs. -static: the emulator needs no libraries of the machine.
cross: cross-aarch64 cross-arm

cross-aarch64: CROSS = aarch64-linux-gnu-gcc
cross-aarch64: RUN = qemu-aarch64 -cpu max
cross-aarch64: CFLAGS += -DEXPECTED_SHA256='"armv8-sha2"'
cross-arm: CROSS = arm-linux-gnueabihf-gcc
cross-arm: RUN = qemu-arm -cpu max
windows: CROSS = x86_64-w64-mingw32-gcc
wine: RUN = WINEPREFIX=$(OUT)/wine WINEDEBUG=-all wine

cross-aarch64 cross-arm windows: $(CORPUS)/seeds
	@mkdir -p $(OUT)/$@
	@for file in $(SOURCES) check.c vectors.c; do \
		$(CROSS) $(CFLAGS) -O2 -c $$file -o $(OUT)/$@/$$(basename $$file .c).o || exit 1; done
	@cd $(OUT)/$@ && for program in check vectors; do \
		$(CROSS) -static $(notdir $(SOURCES:.c=.o)) $$program.o -o $$program.exe || exit 1; done
	@echo "ok: compiled by $(CROSS)"
	@$(if $(RUN),$(call run_built,$@))

wine: windows
	@$(call run_built,windows)

run_built = cd $(OUT)/$(1) && for program in check vectors; do \
	$(RUN) ./$$program.exe < $(CORPUS)/lines \
		|| { echo "FAILED: $(1) $$program"; exit 1; }; done; \
	echo "ok: check and vectors, $(RUN)"

.PHONY: fuzz vectors vectors-asan vectors-msan vectors-m32 cross cross-aarch64 cross-arm windows wine
