-- Makes a session with the plugin on a track and exports it.
-- Arguments: folder of the session, folder of the export, frames.
local session_folder, export_folder, frames = arg[1], arg[2], tonumber(arg[3])
local backend = AudioEngine:set_backend("None (Dummy)", "rtgen", "")
backend:set_device_name("Silence")
local session = create_session(session_folder, "s", 48000)
assert(session)
local plugin = ARDOUR.LuaAPI.new_plugin_info("urn:rtgen:rtgen", ARDOUR.PluginType.LV2)
assert(not plugin:isnil(), "Ardour does not find the plugin")
session:new_midi_track(
  ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2),
  false, plugin, nil, nil, 1, "gen", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
local export = session:simple_export()
export:set_name("out")
export:set_folder(export_folder)
export:set_range(0, frames)
export:set_preset("75969a1c-3133-4694-864b-a1fa50e43399")
export:check_outputs()
assert(export:run_export(), "Ardour does not export")
os.exit(0)  -- closing the session crashes Ardour's runner now and then, with any plugin
