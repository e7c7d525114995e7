// The shim: what a kernel's text in CUDA C needs to be C++ for the host. Included before the text itself.
#pragma once

#define __CUSIM__ 1

#include <cassert>
#include <cfloat>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cusim/abi.h"
#include "cusim/context.h"
#include "cusim/vectors.h"
#include "cusim/block.h"
#include "cusim/shared.h"
#include "cusim/scheduler.h"
#include "cusim/math.h"
#include "cusim/half.h"
#include "cusim/kernel.h"
#include "cusim/atomics.h"
#include "cusim/synchronize.h"
#include "cusim/keywords.h"
