#!/usr/bin/env python3
"""Makes the labelled 8 kHz mu-law audio that the voice activity detector is trained and measured on.

    vad_corpus.py OUT [--seed 1] [--train 1200] [--test 3]

Needs numpy, flite, espeak-ng (as a separate program, training voices only) and, for the human voices,
Debian's pocketsphinx-testdata. OUT receives train/ and test/ (WAV and one label byte per 20 ms frame:
1 speech, 0 not) and manifest.tsv: split, file, voice, noise, snr_db.

Voices and noise sources are split: the test voices (Flite rms, all human recordings) are in no training
file. Of the test noises, pink, keyboard and car occur in no training file; white, babble and hum occur
there with other seeds, voices and frequencies.
"""
import argparse
import os
import subprocess
import wave

import numpy as np

RATE = 8000
FRAME = 160
HUMAN = '/usr/share/pocketsphinx/test/data'

SENTENCES = {
    'train': [
        'Hello, I would like to make an appointment with the doctor.', 'Tomorrow at ten in the morning.',
        'My name is Susan Baker.', 'No, that does not work for me.', 'Yes, please.', 'Could you repeat that?',
        'I am calling about the invoice that I received last week.', 'Seven, four, nine, one.',
        'It hurts when I drink something cold.', 'Do you have anything later in the afternoon?',
        'Thank you very much, goodbye.', 'Please hold the line for a moment.', 'Friday the thirteenth of June.',
        'The shipping address is twelve Garden Street.', 'I have been waiting for three quarters of an hour.',
        'Fish and chips, a small salad and two bottles of juice.', 'Okay.', 'She sells shoes six days a week.',
        'We measured the voltage before we switched the machine off.', 'Actually, make it half past four.',
        'The quick brown fox jumps over the lazy dog.', 'Why would anybody choose the yellow one?',
        'Zero, eight, three, two, six.', 'Their father brought oranges, pears and a huge melon.', 'Mhm.',
        'I thought the church was on the other side of the bridge.', 'Wait, let me check.', 'Oh, really?',
        'Nobody knows how many people moved there last winter.', 'A cheap fish soup for two.',
        'You could leave the package with my neighbour Jill.', 'It is under the name of Vaughan.'],
    'test': [
        'Good morning, is Doctor Hughes in today?', 'I need to move my visit to next Thursday.', 'Yes.',
        'Five, five, five, oh, one, three, eight.', 'What time do you close?', 'Not on Monday, I am travelling.',
        'My daughter has a fever since yesterday evening.', 'Spell it with a double t at the end.',
        'Which of the two is cheaper?', 'Fine, see you then.'],
}
FLITE_TRAIN = ['kal16', 'kal', 'slt', 'awb']
FLITE_TEST = ['rms']
ESPEAK_TRAIN = ['en-us+m1', 'en-us+m3', 'en-us+m7', 'en-us+f2', 'en-us+f4', 'en-us+f5', 'en-gb+Michael',
                'en-gb+linda', 'en-gb+Andy', 'en-us+Alicia', 'en-gb-scotland+max', 'de+f3', 'es+m5', 'fr+belinda']
TRAIN_NOISES = ['white', 'brown', 'babble', 'clicks', 'engine', 'hum', 'tones', 'crackle', 'room', 'none']
TEST_NOISES = ['white', 'pink', 'babble', 'keyboard', 'car', 'hum']
TEST_SNRS = [5, 10, 15, 20]


def resample(samples, ratio):
    """By the spectrum; offline, so a long transform is fine."""
    count = int(round(len(samples) * ratio))
    spectrum = np.fft.rfft(samples)
    keep = min(len(spectrum), count // 2 + 1)
    out = np.zeros(count // 2 + 1, complex)
    out[:keep] = spectrum[:keep]
    return np.fft.irfft(out, count) * ratio


def read_wav(path):
    with wave.open(path) as file:
        assert file.getsampwidth() == 2 and file.getnchannels() == 1, path
        return np.frombuffer(file.readframes(file.getnframes()), '<i2').astype(float), file.getframerate()


def to_phone(samples, rate):
    """8 kHz, 150 to 3500 Hz, active part at an r.m.s. of 1."""
    samples = resample(samples, RATE / rate)
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum *= 1 / (1 + (150 / np.maximum(hz, 1)) ** 6) / (1 + (hz / 3600) ** 40)
    samples = np.fft.irfft(spectrum, len(samples))
    return samples / np.sqrt(np.mean(samples[np.repeat(label(samples), FRAME)[:len(samples)] == 1] ** 2))


def label(clean):
    """Speech: the clean level is within 32 dB of the clip's loud frames and 8 dB above its quietest.
    Pauses up to 100 ms between two such frames belong to speech; islands below 40 ms do not."""
    frames = -(-len(clean) // FRAME)
    padded = np.zeros(frames * FRAME)
    padded[:len(clean)] = clean
    level = 10 * np.log10(np.mean(padded.reshape(-1, FRAME) ** 2, axis=1) + 1e-9)
    loud = np.percentile(level[level > level.max() - 40], 90)
    quiet = np.percentile(level, 5)
    speech = (level > max(loud - 32, min(quiet + 8, loud - 20))).astype(int)
    for value, longest in ((0, 5), (1, 1)):  # fill short pauses, then drop short islands
        edges = np.flatnonzero(np.diff(np.concatenate(([1 - value], speech, [1 - value]))))
        for start, end in zip(edges[::2], edges[1::2]):
            inside = value == 1 or (start > 0 and end < frames)
            if end - start <= longest and inside:
                speech[start:end] = 1 - value
    return speech


def synthesize(folder):
    """Clips as {voice: [samples]}; rendered once into `folder`."""
    os.makedirs(folder, exist_ok=True)
    clips = {'train': {}, 'test': {}}
    for split, flite, espeak in (('train', FLITE_TRAIN, ESPEAK_TRAIN), ('test', FLITE_TEST, [])):
        for voice in flite + espeak:
            for i, text in enumerate(SENTENCES[split]):
                path = os.path.join(folder, f'{split}_{voice}_{i}.wav')
                if not os.path.exists(path):
                    command = (['flite', '-voice', voice, '-t', text, '-o', path] if voice in flite else
                               ['espeak-ng', '-v', voice, '-s', str(130 + 7 * (i % 9)), '-w', path, text])
                    subprocess.run(command, check=True)
                samples, rate = read_wav(path)
                clips[split].setdefault(voice, []).append(to_phone(samples, rate))
    for name, voice in (('cards', 'human-cards'), ('librivox', 'human-librivox')):
        for file in sorted(os.listdir(os.path.join(HUMAN, name))):
            if file.endswith('.wav'):
                samples, rate = read_wav(os.path.join(HUMAN, name, file))
                clips['test'].setdefault(voice, []).append(to_phone(samples, rate))
    for file in ('goforward.raw', 'numbers.raw', 'something.raw', 'tidigits/dhd.2934z.raw'):
        samples = np.fromfile(os.path.join(HUMAN, file), '<i2').astype(float)
        clips['test'].setdefault('human-commands', []).append(to_phone(samples, 16000))
    return clips


def shaped(rng, count, gain):
    """Gaussian noise with a spectrum of gain(hz)."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    return np.fft.irfft(spectrum * gain(np.maximum(hz, 1)), count)


def bursts(rng, count, per_second, low, high, decay_ms, grouped):
    out = np.zeros(count)
    t = 0.0
    while True:
        t += rng.exponential(1 / per_second) if not grouped or rng.random() < 0.85 else rng.uniform(0.5, 2)
        at = int(t * RATE)
        if at >= count:
            return out
        for delay, gain in ((0, 1.0), (int(rng.uniform(0.05, 0.1) * RATE), 0.5)):  # key down, key up
            length = int(rng.uniform(0.6, 1.6) * decay_ms / 1000 * RATE * 4)
            hit = shaped(rng, length, lambda hz: 1 / (1 + (low / hz) ** 2) / (1 + (hz / high) ** 4))
            hit *= np.exp(-np.arange(length) / (decay_ms / 1000 * RATE)) * gain * rng.uniform(0.4, 1)
            end = min(count, at + delay + length)
            if end > at + delay:
                out[at + delay:end] += hit[:end - at - delay]
            if not grouped:
                break


def noise(kind, rng, count, voices):
    t = np.arange(count) / RATE
    if kind == 'white':
        return rng.standard_normal(count)
    if kind == 'pink':
        return shaped(rng, count, lambda hz: hz ** -0.5)
    if kind == 'brown':
        return shaped(rng, count, lambda hz: 1 / (40 + hz) / (1 + (hz / rng.uniform(1500, 3800)) ** 4))
    if kind == 'car':  # rolling noise below 300 Hz with a slow swell, and a little wind
        swell = 1 + 0.4 * np.sin(2 * np.pi * 0.13 * t + rng.uniform(0, 6))
        return swell * shaped(rng, count, lambda hz: 1 / (1 + (hz / 250) ** 2) + 0.01)
    if kind == 'engine':
        base = rng.uniform(25, 90) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.05, 0.4) * t))
        phase = 2 * np.pi * np.cumsum(base) / RATE
        out = sum(np.sin(k * phase + rng.uniform(0, 6)) / k for k in range(1, 25))
        return out + rng.uniform(0.2, 2) * shaped(rng, count, lambda hz: 1 / (1 + (hz / 700) ** 2))
    if kind == 'hum':
        base = rng.choice([50.0, 60.0])
        out = sum(rng.uniform(0.2, 1) * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6))
                  for k in (1, 2, 3, 4, 5, 7, 9, 11, 15, 21))
        return out + 0.05 * rng.standard_normal(count)
    if kind == 'tones':  # ringing, dialling, waiting melodies
        out = np.zeros(count)
        at = 0
        while at < count:
            length = int(rng.uniform(0.08, 2.0) * RATE)
            notes = rng.uniform(200, 1800, rng.integers(1, 4))
            part = t[at:at + length]
            out[at:at + length] = sum(np.sin(2 * np.pi * hz * part) + 0.3 * np.sin(4 * np.pi * hz * part) for hz in notes)
            at += length + int(rng.choice([0, rng.uniform(0.05, 2.5)]) * RATE)
        return out + 0.01 * rng.standard_normal(count)
    if kind == 'clicks':
        return bursts(rng, count, rng.uniform(1, 8), rng.uniform(300, 900), rng.uniform(1500, 3500),
                      rng.uniform(2, 12), False) + 0.01 * rng.standard_normal(count)
    if kind == 'keyboard':
        return bursts(rng, count, 6, 600, 3000, 5, True) + 0.01 * rng.standard_normal(count)
    if kind == 'crackle':
        return rng.standard_normal(count) * (rng.random(count) < 0.003) * 8 + 0.1 * rng.standard_normal(count)
    if kind == 'room':  # a fan whose level wanders, with bumps
        steps = np.arange(int(t[-1]) + 2)
        wander = np.exp(np.interp(t, steps, rng.normal(0, 0.35, len(steps))))
        return wander * shaped(rng, count, lambda hz: 1 / (1 + (hz / 900) ** 1.2)) + bursts(
            rng, count, 0.7, 80, 700, 25, False)
    if kind == 'babble':
        out = np.zeros(count)
        for _ in range(6):
            at = -int(rng.uniform(0, 3) * RATE)
            while at < count:
                clips = voices[rng.choice(sorted(voices))]
                clip = clips[rng.integers(len(clips))] * rng.uniform(0.5, 1)
                start = max(at, 0)
                end = min(count, at + len(clip))
                if end > start:
                    out[start:end] += clip[start - at:end - at]
                at += len(clip)
        return out
    assert kind == 'none'
    return 1e-3 * rng.standard_normal(count)


def coloured(rng, samples):
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    decibel = rng.uniform(-8, 8) * (hz - 1500) / 2000
    decibel += rng.uniform(0, 6) * np.cos(2 * np.pi * hz / rng.uniform(800, 4000) + rng.uniform(0, 6))
    spectrum *= 10 ** (decibel / 20) / (1 + (rng.uniform(20, 350) / np.maximum(hz, 1)) ** 4)
    out = np.fft.irfft(spectrum, len(samples))
    return out * np.sqrt(np.mean(samples ** 2) / np.mean(out ** 2))


def mix(rng, clips, kind, snr_db, level_db, voices, gap, stretch):
    """Clips with silence between them, noise under all of it, as the line delivers it."""
    pieces, labels = [], []

    def silence(frames):
        pieces.append(np.zeros(frames * FRAME))
        labels.append(np.zeros(frames, int))
    silence(int(rng.uniform(*gap) * 50))
    for clip in clips:
        if stretch:  # another speed and pitch, another telephone: another speaker
            clip = coloured(rng, resample(clip, rng.uniform(0.85, 1.2)))
        marks = label(clip)
        pieces.append(np.concatenate((clip, np.zeros(len(marks) * FRAME - len(clip)))) * 10 ** (rng.uniform(-2, 2) / 20))
        labels.append(marks)
        silence(int(rng.uniform(*gap) * 50))
    if stretch and rng.random() < 0.2:  # the line opens in the middle of a word
        pieces, labels = pieces[1:], labels[1:]
        cut = rng.integers(0, len(labels[0]))
        pieces[0], labels[0] = pieces[0][cut * FRAME:], labels[0][cut:]
    clean = np.concatenate(pieces)
    under = noise(kind, rng, len(clean), voices)
    under /= np.sqrt(np.mean(under ** 2))
    gain = 32768 * 10 ** (level_db / 20)
    line = gain * (clean + under * (10 ** (-snr_db / 20)))
    return np.clip(np.round(line), -32768, 32767).astype(np.int16), np.concatenate(labels).astype(np.uint8)


def mulaw(samples):
    v = samples.astype(int) >> 2
    magnitude = np.minimum(np.abs(v), 8159) + 33
    segment = np.floor(np.log2(magnitude)).astype(int) - 5
    code = np.minimum((segment << 4) | ((magnitude >> (segment + 1)) & 15), 0x7f)
    return (code ^ np.where(v < 0, 0x7f, 0xff)).astype(np.uint8)


def write(path, samples, marks):
    data = mulaw(samples).tobytes()
    with open(path + '.wav', 'wb') as file:
        u32 = lambda value: value.to_bytes(4, 'little')
        file.write(b'RIFF' + u32(36 + len(data)) + b'WAVEfmt ' + u32(16) + bytes([7, 0, 1, 0]) + u32(RATE) +
                   u32(RATE) + bytes([1, 0, 8, 0]) + b'data' + u32(len(data)) + data)
    with open(path + '.labels', 'wb') as file:
        file.write(marks.tobytes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('out')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--train', type=int, default=1200, help='training files of about 20 s')
    parser.add_argument('--test', type=int, default=3, help='files per test voice, noise and SNR')
    args = parser.parse_args()
    clips = synthesize(os.path.join(args.out, 'clips'))
    rows = []
    for split in ('train', 'test'):
        os.makedirs(os.path.join(args.out, split), exist_ok=True)
    for i in range(args.train):
        rng = np.random.default_rng([args.seed, 0, i])
        names = sorted(clips['train'])
        voice = FLITE_TRAIN[i // 2 % len(FLITE_TRAIN)] if i % 2 == 0 else names[rng.integers(len(names))]
        kind = TRAIN_NOISES[i % len(TRAIN_NOISES)]
        snr = 50 if kind == 'none' else rng.uniform(0, 25)
        pool = clips['train'][voice]
        chosen = [pool[rng.integers(len(pool))] for _ in range(5)]
        gap = (0.2, 3.5) if rng.random() < 0.85 else (3, 8)
        samples, marks = mix(rng, chosen, kind, snr, rng.uniform(-38, -16), clips['train'], gap, True)
        write(os.path.join(args.out, 'train', f'{i:04}'), samples, marks)
        rows.append(('train', f'train/{i:04}', voice, kind, f'{snr:.0f}'))
    for voice in sorted(clips['test']):
        for kind in TEST_NOISES:
            for snr in TEST_SNRS:
                for k in range(args.test):
                    rng = np.random.default_rng([args.seed, 1, len(rows)])
                    pool = clips['test'][voice]
                    chosen = [pool[(k * 4 + j) % len(pool)] for j in rng.permutation(4)]
                    others = {name: all_ for name, all_ in clips['test'].items() if name != voice}
                    samples, marks = mix(rng, chosen, kind, snr, rng.uniform(-32, -18), others, (0.5, 3), False)
                    name = f'test/{voice}_{kind}_{snr}_{k}'
                    write(os.path.join(args.out, name), samples, marks)
                    rows.append(('test', name, voice, kind, str(snr)))
    with open(os.path.join(args.out, 'manifest.tsv'), 'w') as file:
        file.writelines('\t'.join(row) + '\n' for row in rows)
    print(f'{len(rows)} files in {args.out}')


if __name__ == '__main__':
    main()
