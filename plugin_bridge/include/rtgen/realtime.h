// The mark of a function that runs on the audio thread: no lock, allocation or system call.
#pragma once

#if defined(__clang__) && __clang_major__ >= 20
#define RTGEN_NONBLOCKING noexcept [[clang::nonblocking]]
#else
#define RTGEN_NONBLOCKING noexcept
#endif
