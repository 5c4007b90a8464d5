#include "hwlock.h"
