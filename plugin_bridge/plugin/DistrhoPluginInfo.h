// What DPF wants to know about the plugin at compile time; its names, not ours.
#pragma once

#define DISTRHO_PLUGIN_BRAND "rtgen"
#define DISTRHO_PLUGIN_NAME "rtgen"
#define DISTRHO_PLUGIN_URI "urn:rtgen:rtgen"
#define DISTRHO_PLUGIN_CLAP_ID "org.rtgen.rtgen"

#define DISTRHO_PLUGIN_NUM_INPUTS 0
#define DISTRHO_PLUGIN_NUM_OUTPUTS 2
#define DISTRHO_PLUGIN_IS_SYNTH 1
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_WANT_MIDI_INPUT 1
#define DISTRHO_PLUGIN_WANT_TIMEPOS 1
#define DISTRHO_PLUGIN_WANT_STATE 1
#define DISTRHO_PLUGIN_WANT_FULL_STATE 1
#define DISTRHO_PLUGIN_WANT_LATENCY 0

#define DISTRHO_PLUGIN_LV2_CATEGORY "lv2:InstrumentPlugin"
#define DISTRHO_PLUGIN_VST3_CATEGORIES "Instrument|Synth|Stereo"
#define DISTRHO_PLUGIN_CLAP_FEATURES "instrument", "synthesizer", "stereo"

// RTGEN_WITH_UI comes from the build.
#if RTGEN_WITH_UI
#define DISTRHO_PLUGIN_HAS_UI 1
#define DISTRHO_PLUGIN_WANT_DIRECT_ACCESS 1  // sentences and model names are no parameters
#define DISTRHO_UI_USE_NANOVG 1
#define DISTRHO_UI_USER_RESIZABLE 1
#define DISTRHO_UI_DEFAULT_WIDTH 560
#define DISTRHO_UI_DEFAULT_HEIGHT 320
#else
#define DISTRHO_PLUGIN_HAS_UI 0
#endif
