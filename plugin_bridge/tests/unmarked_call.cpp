// Must not compile under -Wfunction-effects -Werror: the mark has to bite.
#include <vector>

#include "rtgen/realtime.h"

void grow(std::vector<float>& samples) RTGEN_NONBLOCKING { samples.push_back(0.0F); }
