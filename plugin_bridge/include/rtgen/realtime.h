// The mark of a function that runs on the audio thread: no lock, allocation or system call.
#pragma once

#if defined(__clang__) && __clang_major__ >= 20
#define RTGEN_NONBLOCKING noexcept [[clang::nonblocking]]
#else
#define RTGEN_NONBLOCKING noexcept
#endif

// Around the few calls inside such functions that no compiler can see to be harmless, or that wait
// on purpose because the host renders offline. Each use says why.
#if defined(__has_feature)
#if __has_feature(realtime_sanitizer)
#include <sanitizer/rtsan_interface.h>
#define RTGEN_RTSAN_OFF const __rtsan::ScopedDisabler off_the_clock;
#endif
#endif
#ifndef RTGEN_RTSAN_OFF
#define RTGEN_RTSAN_OFF
#endif
#if defined(__clang__) && __clang_major__ >= 20
#define RTGEN_OFF_THE_CLOCK_BEGIN                                                             \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"") \
      RTGEN_RTSAN_OFF
#define RTGEN_OFF_THE_CLOCK_END _Pragma("clang diagnostic pop")
#else
#define RTGEN_OFF_THE_CLOCK_BEGIN
#define RTGEN_OFF_THE_CLOCK_END
#endif
