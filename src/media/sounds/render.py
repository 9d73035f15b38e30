"""Renders the spoken sounds: `pip install py-nanotts numpy && python render.py`, in this folder.

SVOX Pico speaks; the result is trimmed, freed of rumble, brought to -20 dBFS and written as
WAV of 16 kHz, one channel, 16 bit. The texts stand here and in README.md.
"""

import wave

import numpy as np
from py_nanotts import NanoTTS

TEXTS = {
    "greeting-de": ("de-DE", "Willkommen beim Bürgertelefon. Wir sind gleich für Sie da."),
    "greeting-en": ("en-GB", "Welcome to the citizens' helpline. We will be with you shortly."),
    "sorry-de": (
        "de-DE",
        "Leider können wir Ihren Anruf gerade nicht annehmen. Bitte rufen Sie später wieder an.",
    ),
    "sorry-en": (
        "en-GB",
        "We are sorry, we cannot take your call right now. Please call again later.",
    ),
}
RATE = 16_000
FRAME = 320


def trimmed(sound):
    """Leaves 60 ms of quiet before the speech and 120 ms behind it."""
    loud = np.where(np.abs(sound) > 150)[0]
    return sound[max(0, loud[0] - 960) : loud[-1] + 1_920]


def without_rumble(sound):
    """A first-order high-pass at 100 Hz."""
    decay = np.exp(-2 * np.pi * 100 / RATE)
    out, before = np.zeros_like(sound), (0.0, 0.0)
    for at, sample in enumerate(sound):
        out[at] = decay * (before[1] + sample - before[0])
        before = (sample, out[at])
    return out


def levelled(sound):
    """-20 dBFS over those frames in which someone speaks."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    loudness = np.sqrt((frames**2).mean(1))
    speech = loudness[loudness > loudness.max() * 0.1]
    return sound * 3_276.8 / np.sqrt((speech**2).mean())


def faded(sound):
    """20 ms in and out, and silence up to a whole frame."""
    ramp = np.linspace(0, 1, FRAME)
    sound[:FRAME] *= ramp
    sound[-FRAME:] *= ramp[::-1]
    return np.concatenate([sound, np.zeros(-len(sound) % FRAME)])


for name, (voice, text) in TEXTS.items():
    spoken = NanoTTS().speak(text, voice=voice, speed=1.04, volume=0.5)
    sound = np.frombuffer(spoken, dtype="<i2").astype(float)
    sound = faded(levelled(without_rumble(trimmed(sound))))
    with wave.open(f"{name}.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.round().astype("<i2").tobytes())
