// Found in place of NVIDIA's header of this name.
#pragma once
#include "cusim/half.h"
