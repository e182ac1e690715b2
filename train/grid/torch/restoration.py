"""
Trains the restoration network alone, on what the decoder draws of real codes (train/grid/restoration-crops.ts):

    node train/grid/restoration-crops.ts --photos PHOTOS --model models/NAME --out crops
    python restoration.py --crops crops --weights DIR/grid --out DIR/restored --seconds 1500
    npx latent64 train-grid --photos PHOTOS --weights DIR/restored --out models/NAME

One CPU core does some 50 steps of 16 crops a second. Each crop's borders count as a picture's, as the codec treats those.
"""
import argparse, json, math, time
import numpy as np
import torch, torch.nn.functional as F
from model import Decoder, UNIT

ap = argparse.ArgumentParser()
ap.add_argument('--crops', required=True); ap.add_argument('--weights', required=True)
ap.add_argument('--out', required=True)
ap.add_argument('--seconds', type=float, default=1500); ap.add_argument('--batch', type=int, default=16)
ap.add_argument('--lr', type=float, default=2e-3); ap.add_argument('--seed', type=int, default=1)
a = ap.parse_args()
torch.manual_seed(a.seed); torch.set_num_threads(1)

index = json.load(open(a.weights + '.json'))
raw = np.fromfile(a.weights + '.bin', '<f4')
state = {w['name']: torch.from_numpy(raw[w['offset'] // 4:][:math.prod(w['shape'])].reshape(w['shape']).copy()) for w in index['weights']}
decoder = Decoder(); decoder.load_state_dict({k[4:]: v for k, v in state.items() if k.startswith('dec.')})
matrices = ('linear.', 'lowest.')
net = [p for n, p in decoder.named_parameters() if not n.startswith(matrices)]
for n, p in decoder.named_parameters(): p.requires_grad_(not n.startswith(matrices))

crops = np.fromfile(a.crops + '.bin', np.dtype([('picture', 'u1', (80, 80, 3)), ('drawn', 'u1', (80, 80, 3))]))
image = lambda x: torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
picture, drawn = image(crops['picture']), image(crops['drawn'])
meta = torch.tensor(json.load(open(a.crops + '.json')))
log_steps = math.log(UNIT) + meta[:, :2].float() / 16 * math.log(2)
held = meta[:, 2] % 10 == 9  # for the figures below; photographs held out of all training are not among the crops
train, held = torch.nonzero(~held).flatten(), torch.nonzero(held).flatten()


def decoded(i, flips):
    """-> the picture, what the matrices draw, and that restored [B,3,80,80]"""
    x, before = [flips(t[i].float() / 255) for t in (picture, drawn)]
    return x, before, decoder.restore(before, log_steps[i, 0], log_steps[i, 1])


def flips():
    across, turned = torch.rand(2) < .5
    def flip(x):
        if across: x = x.flip(3)
        return x.transpose(2, 3) if turned else x
    return flip


def validate():
    """Decibels gained, by (step, known step) in 16ths of an octave above UNIT."""
    live = [p.detach().clone() for p in net]
    rows = {}
    with torch.no_grad():
        for p, e in zip(net, ema): p.copy_(e)
        for key in sorted({tuple(k) for k in meta[held, :2].tolist()}):
            i = held[(meta[held, :2] == torch.tensor(key)).all(1)][:200]
            x, before, restored = decoded(i, lambda t: t)
            error = lambda y: ((y.clamp(0, 1) - x) ** 2).mean().item()
            if len(i) >= 8: rows['%d/%d' % key] = round(10 * math.log10(error(before) / error(restored)), 3)
        for p, l in zip(net, live): p.copy_(l)
    return rows


ema = [p.detach().clone() for p in net]
opt = torch.optim.Adam(net, lr=a.lr)
print("before", validate(), flush=True)
started = said = time.time(); it = 0
while (done := (time.time() - started) / a.seconds) < 1:
    opt.param_groups[0]['lr'] = a.lr * min(1, (it + 1) / 200) * (.5 + .5 * math.cos(math.pi * done))
    x, before, restored = decoded(train[torch.randint(len(train), (a.batch,))], flips())
    error = lambda y: ((y - x) ** 2).mean((1, 2, 3))
    loss = (error(restored) / (error(before) + 6e-5)).mean()  # all rates alike, except for crops that are nearly flat
    opt.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(net, 1.); opt.step(); it += 1
    with torch.no_grad():
        for e, p in zip(ema, net): e.lerp_(p, 1 - min(.998, it / (it + 20)))
    if time.time() - said > 60: said = time.time(); print(it, '%.0f s' % (said - started), 'loss %.4f' % loss.item(), validate(), flush=True)

with torch.no_grad():
    for p, e in zip(net, ema): p.copy_(e)
state.update({'dec.' + n: p.detach() for n, p in decoder.named_parameters()})
offset, weights = 0, []
with open(a.out + '.bin', 'wb') as f:
    for name, value in state.items():
        f.write(value.numpy().astype('<f4').tobytes()); weights.append(dict(name=name, shape=list(value.shape), offset=offset)); offset += 4 * value.numel()
restoration = dict(steps=index.get('restoration', {}).get('steps', 0) + it, seconds=round(time.time() - started), batch=a.batch, lr=a.lr, seed=a.seed, crops=len(crops), gainsDb=validate())
json.dump({**index, 'weights': weights, 'restoration': restoration}, open(a.out + '.json', 'w'))
print('done', it, restoration)
