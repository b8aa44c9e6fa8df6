#!/usr/bin/env python3
"""Trains the recurrent layer of the voice activity detector.

    vad_corpus.py CORPUS
    vad_roc_benchmark CORPUS --features FEATURES
    train_vad.py FEATURES src/speech/voice_activity_weights.inc [--seed 1] [--steps 1500]

Only numpy. The curves are those of the C++ code; the normalisation of the features is folded into the
input weights. The same seed and numpy give the same weights.
"""
import argparse

import numpy as np

UNITS = 24


def squash(x):
    x = np.clip(x, -4.97, 4.97)
    y = x * x
    return x * (135135 + y * (17325 + y * (378 + y))) / (135135 + y * (62370 + y * (3150 + y * 28)))


def sigmoid(x):
    return 0.5 + 0.5 * squash(0.5 * x)


def load(path):
    clips = []
    with open(path, 'rb') as file:
        while head := file.read(8):
            frames, width = np.frombuffer(head, '<u4')
            features = np.frombuffer(file.read(4 * frames * width), '<f4').reshape(frames, width)
            clips.append((features, np.frombuffer(file.read(frames), 'u1')))
    return clips


def forward(p, x):
    """x: time, batch, inputs. Keeps what the way back needs."""
    steps, batch, _ = x.shape
    a = x @ p['W'] + p['b']
    h = np.zeros((steps + 1, batch, UNITS), np.float32)
    z, r, n, un = (np.zeros((steps, batch, UNITS), np.float32) for _ in range(4))
    for t in range(steps):
        u = h[t] @ p['U'] + p['c']
        zr = sigmoid(a[t][:, :2 * UNITS] + u[:, :2 * UNITS])
        z[t], r[t], un[t] = zr[:, :UNITS], zr[:, UNITS:], u[:, 2 * UNITS:]
        n[t] = squash(a[t][:, 2 * UNITS:] + r[t] * un[t])
        h[t + 1] = n[t] + z[t] * (h[t] - n[t])
    return h, z, r, n, un, h[1:] @ p['v'] + p['d']


def gradients(p, x, target, weight):
    h, z, r, n, un, logit = forward(p, x)
    steps, batch, _ = x.shape
    error = (1 / (1 + np.exp(-logit)) - target) * weight / weight.sum()
    g = {'v': np.einsum('tbu,tb->u', h[1:], error), 'd': error.sum()}
    da = np.zeros((steps, batch, 3 * UNITS), np.float32)
    du = np.zeros_like(da)
    back = np.zeros((batch, UNITS), np.float32)
    for t in reversed(range(steps)):
        dh = back + error[t][:, None] * p['v']
        dn = dh * (1 - z[t]) * (1 - n[t] ** 2)
        dz = dh * (h[t] - n[t]) * z[t] * (1 - z[t])
        dr = dn * un[t] * r[t] * (1 - r[t])
        da[t] = np.concatenate((dz, dr, dn), axis=1)
        du[t] = np.concatenate((dz, dr, dn * r[t]), axis=1)
        back = dh * z[t] + du[t] @ p['U'].T
    flat = lambda m: m.reshape(steps * batch, -1)
    g['W'], g['b'] = flat(x).T @ flat(da), flat(da).sum(0)
    g['U'], g['c'] = flat(h[:-1]).T @ flat(du), flat(du).sum(0)
    loss = (weight * (np.logaddexp(0, logit) - target * logit)).sum() / weight.sum()
    return loss, g


def weights(target):
    """The first 200 ms after a change count twice: late is wrong too."""
    weight = np.ones_like(target)
    for t, k in zip(*np.nonzero(np.diff(target, axis=0))):
        weight[t + 1:t + 11, k] = 2
    return weight


def score(p, clips):
    """Area under the ROC and false positives at 95 % true positives."""
    scores = np.concatenate([forward(p, f[:, None, :])[-1][:, 0] for f, _ in clips])
    labels = np.concatenate([l for _, l in clips])
    order = labels[np.argsort(-scores, kind='stable')]
    tpr = np.cumsum(order) / order.sum()
    fpr = np.cumsum(1 - order) / (1 - order).sum()
    area = np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2)
    return area, fpr[np.searchsorted(tpr, 0.95)]


def save(p, mean, scale, path):
    W = p['W'] / scale[:, None]
    b = p['b'] - (mean / scale) @ p['W']

    def row(values):
        return ', '.join(f'{value:.4g}f' if ('.' in f'{value:.4g}' or 'e' in f'{value:.4g}') else f'{value:.1f}f'
                         for value in values)

    def wrapped(values, indent):
        lines, text = [], ''
        for item in row(values).split(', '):
            if len(text) + len(item) + 2 > 98 - indent:
                lines.append(text)
                text = ''
            text += item + ', '
        lines.append(text)
        return ('\n' + ' ' * indent).join(line.rstrip() for line in lines)
    with open(path, 'w') as out:
        out.write('// Made by benchmarks/audio/train_vad.py; do not edit.\n// clang-format off\n')
        for name, rows, matrix in (('kInputWeights', 'kInputs', W), ('kStateWeights', 'kUnits', p['U'])):
            out.write(f'constexpr float {name}[{rows}][kGates] = {{\n')
            out.writelines(f'    {{{wrapped(line, 5)}}},\n' for line in matrix)
            out.write('};\n')
        for name, vector in (('kInputBias', b), ('kStateBias', p['c'])):
            out.write(f'constexpr float {name}[kGates] = {{\n    {wrapped(vector, 4)}}};\n')
        out.write(f'constexpr float kOutputWeights[kUnits] = {{\n    {wrapped(p["v"], 4)}}};\n')
        out.write(f'constexpr float kOutputBias = {float(p["d"]):.5f}f;\n// clang-format on\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('features')
    parser.add_argument('out')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--steps', type=int, default=1500)
    parser.add_argument('--check', type=int, default=10, help='every n-th clip is held back to check on')
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    clips = load(args.features)
    everything = np.concatenate([f for f, _ in clips])
    mean, scale = everything.mean(0), everything.std(0) + 1e-3
    clips = [(((f - mean) / scale).astype(np.float32), l) for f, l in clips]
    held = clips[::args.check]
    clips = [clip for i, clip in enumerate(clips) if i % args.check]
    inputs = len(mean)
    p = {'W': rng.normal(0, inputs ** -0.5, (inputs, 3 * UNITS)), 'b': np.zeros(3 * UNITS),
         'U': rng.normal(0, UNITS ** -0.5, (UNITS, 3 * UNITS)), 'c': np.zeros(3 * UNITS),
         'v': rng.normal(0, UNITS ** -0.5, UNITS), 'd': np.zeros(())}
    p = {name: value.astype(np.float32) for name, value in p.items()}
    m = {name: np.zeros_like(value) for name, value in p.items()}
    s = {name: np.zeros_like(value) for name, value in p.items()}
    steps, batch = 300, 48
    smooth = 0.7
    for step in range(1, args.steps + 1):
        x = np.zeros((steps, batch, inputs), np.float32)
        target = np.zeros((steps, batch), np.float32)
        for k in range(batch):
            features, labels = clips[rng.integers(len(clips))]
            at = rng.integers(0, max(1, len(labels) - steps))
            part = slice(at, at + steps)
            x[:len(labels[part]), k] = features[part]
            target[:len(labels[part]), k] = labels[part]
        loss, g = gradients(p, x, target, weights(target))
        norm = np.sqrt(sum((value ** 2).sum() for value in g.values()))
        rate = 0.006 * min(1, step / 50) * (0.5 + 0.5 * np.cos(np.pi * step / (args.steps + 1)))
        for name in p:
            grad = g[name] * min(1, 1 / norm)
            m[name] += 0.1 * (grad - m[name])
            s[name] += 0.001 * (grad ** 2 - s[name])
            update = (m[name] / (1 - 0.9 ** step)) / (np.sqrt(s[name] / (1 - 0.999 ** step)) + 1e-8)
            p[name] = (p[name] - rate * (update + 0.002 * p[name])).astype(np.float32)
        smooth += 0.02 * (loss - smooth)
        if step % 250 == 0 or step == args.steps:
            auc, fpr = score(p, held)
            print(f'step {step}: loss {smooth:.3f}, held-back clips AUC {auc:.3f}, FPR at TPR 0.95 {fpr:.3f}', flush=True)
    save(p, mean, scale, args.out)


if __name__ == '__main__':
    main()
