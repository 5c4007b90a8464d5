/* Signatures that every implementation agrees on: RFC 8032 section 7.1 test 3, RFC 6979 appendix
 * A.2.5 ("sample", SHA-256); and a harness of one line. */
#ifndef HWLOCK_TESTS_KNOWN_H
#define HWLOCK_TESTS_KNOWN_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char ED_KEY[] = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
static const char ED_SIGNATURE[] =
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
static const char ED_MESSAGE[] = "af82";

static const char P256_KEY[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                               "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char P256_SIGNATURE[] =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
static const char P256_MESSAGE[] = "73616d706c65";

/* Returns the number of bytes. */
static inline size_t from_hex(uint8_t *bytes, const char *hex)
{
    size_t count = strlen(hex) / 2;
    for (size_t i = 0; i < count; i++) {
        unsigned value = 0;
        sscanf(hex + 2 * i, "%2x", &value);
        bytes[i] = (uint8_t)value;
    }
    return count;
}

static inline int is_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[256];
    return memcmp(bytes, expected, from_hex(expected, hex)) == 0;
}

#endif
