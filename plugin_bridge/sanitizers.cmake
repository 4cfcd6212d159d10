# What each sanitizer asks of compiler and linker: `rtgen_sanitizer_flags`, the same for the bridge's
# tests and for the plugin, so that neither can be left out. Whatever one finds ends the program.
option(RTGEN_ASAN "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(RTGEN_TSAN "ThreadSanitizer" OFF)
option(RTGEN_RTSAN "RealtimeSanitizer (clang 20 or newer)" OFF)
option(RTGEN_FUZZ "Fuzz targets, under the sanitizers of RTGEN_ASAN (clang with libFuzzer)" OFF)

# Neither compiler counts a float that no integer can hold to `undefined` in every version.
set(addresses_and_undefined -fsanitize=address,undefined,float-cast-overflow
  -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS)

set(rtgen_sanitizer_flags)
if(RTGEN_FUZZ)
  set(rtgen_sanitizer_flags -fsanitize=fuzzer-no-link ${addresses_and_undefined} -g -O1)
elseif(RTGEN_TSAN)
  set(rtgen_sanitizer_flags -fsanitize=thread -g -O1)
elseif(RTGEN_ASAN)
  set(rtgen_sanitizer_flags ${addresses_and_undefined} -g -O1)
elseif(RTGEN_RTSAN)
  set(rtgen_sanitizer_flags -fsanitize=realtime -Wfunction-effects -g -O1)
endif()
