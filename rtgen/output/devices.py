"""Output devices, by number or part of a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtgen.errors import DeviceError

PREFERRED = ("pipewire", "pulse", "default", "system")


@dataclass(frozen=True)
class Device:
    """An output device of PortAudio."""

    index: int
    name: str
    host: str
    rate: int
    channels: int


def portaudio() -> Any:
    """The sounddevice module.

    Raises
    ------
    DeviceError when PortAudio's library is not there.
    """
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError(
            "PortAudio is not installed",
            value=str(error),
            hint="install the package libportaudio2 (Debian, Ubuntu) or portaudio",
        ) from error
    return sounddevice


def output_devices() -> list[Device]:
    """All devices that can play two channels."""
    sounddevice = portaudio()
    try:
        hosts, found = sounddevice.query_hostapis(), sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            f"PortAudio cannot list its devices: {error}", value=str(error)
        ) from error
    return [
        Device(
            index,
            str(d["name"]),
            str(hosts[d["hostapi"]]["name"]),
            int(d["default_samplerate"]),
            int(d["max_output_channels"]),
        )
        for index, d in enumerate(found)
        if d["max_output_channels"] >= 2
    ]


def look_again() -> None:
    """Let PortAudio find devices anew; it freezes its list otherwise. No stream may be open."""
    sounddevice = portaudio()
    if sounddevice._initialized:
        sounddevice._terminate()
    sounddevice._initialize()


def choose_device(wanted: str | None) -> Device | None:
    """A device by number or part of its name; without a wish the system's, or None if none plays.

    Raises
    ------
    DeviceError when the wish fits none or several.
    """
    devices = output_devices()
    if wanted is None:
        for name in PREFERRED:
            for device in devices:
                if device.name.lower() == name:
                    return device
        return devices[0] if devices else None
    names = ", ".join(f"{d.index} {d.name}" for d in devices) or "none found"
    if wanted.isascii() and wanted.isdigit():
        fitting = [d for d in devices if d.index == int(wanted)]
    else:
        fitting = [d for d in devices if wanted.lower() in d.name.lower()]
        fitting = [d for d in fitting if d.name.lower() == wanted.lower()] or fitting
    if len(fitting) != 1:
        how = "no output device" if not fitting else "more than one output device"
        raise DeviceError(f"{how} is called '{wanted}'", value=wanted, hint=f"devices: {names}")
    return fitting[0]
