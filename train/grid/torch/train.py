"""
Trains the grid codec on a GPU with PyTorch (numpy, Pillow): the networks, losses and draws of train/grid, one CUDA graph a step.

    python train.py --photos DIR --out DIR --seconds 480
    npx latent64 train-grid --photos DIR --weights DIR/grid --out models/NAME

The shipped matrices took 95,640 steps of 32 tiles in 500 s on an H200, beside networks that were removed since
(docs/long-codes.md); the shipped restoration network is restoration.py's.
"""
import argparse, glob, json, math, os, time, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
from model import *

ap = argparse.ArgumentParser()
ap.add_argument('--photos', required=True); ap.add_argument('--out', required=True)
ap.add_argument('--seconds', type=float, default=500); ap.add_argument('--max-steps', type=int, default=10**9)
ap.add_argument('--batch', type=int, default=32); ap.add_argument('--tiles', type=int, default=30000)
ap.add_argument('--lr', type=float, default=8e-4); ap.add_argument('--mu', type=float, default=.11)
ap.add_argument('--size', type=int, default=256); ap.add_argument('--seed', type=int, default=1)
ap.add_argument('--no-graph', action='store_true'); ap.add_argument('--compile', action='store_true')
ap.add_argument('--init', default='')
a = ap.parse_args()
t00 = time.time()
dev = 'cuda' if torch.cuda.is_available() else 'cpu'
torch.manual_seed(a.seed); rng = np.random.default_rng(a.seed)
torch.backends.cuda.matmul.allow_tf32 = True; torch.backends.cudnn.allow_tf32 = True; torch.backends.cudnn.benchmark = True
amp = lambda: torch.autocast(dev, torch.bfloat16, enabled=dev == 'cuda', cache_enabled=False)
os.makedirs(a.out, exist_ok=True)
log = lambda *x: print(f'[{time.time()-t00:.0f}s]', *x, flush=True)

names = sorted(glob.glob(a.photos + '/*.jpg'))
with ThreadPoolExecutor(16) as ex:
    images = list(ex.map(lambda n: np.asarray(Image.open(n).convert('RGB')), names))
held = [i for i in range(len(names)) if i % 10 == 9]  # never trained on
log(len(names), 'photographs,', len(held), 'held out, device', dev)


def tiles_of(indices, count, gen):
    """uint8 tiles [count,3,S,S] at random scales: a picture is seen at any size from its own down to a tile."""
    S, out = a.size, torch.empty(count, 3, a.size, a.size, dtype=torch.uint8, device=dev)
    w = np.array([math.sqrt(images[i].shape[0] * images[i].shape[1]) for i in indices]); w /= w.sum()
    n = 0
    while n < count:
        im = images[indices[gen.choice(len(indices), p=w)]]
        x = torch.from_numpy(im.copy()).to(dev).permute(2, 0, 1)[None].float()
        h, wd = x.shape[2:]
        low = S / min(h, wd)
        if low < 1:
            s = math.exp(gen.uniform(math.log(low), 0))
            x = F.interpolate(x, (max(S, round(h * s)), max(S, round(wd * s))), mode='bicubic' if gen.integers(2) else 'bilinear', antialias=True, align_corners=False)
        elif low > 1:
            x = F.interpolate(x, (max(S, round(h * low)), max(S, round(wd * low))), mode='bicubic', antialias=True, align_corners=False)
        x = x.clamp(0, 255).round().byte()[0]
        h, wd = x.shape[1:]
        for _ in range(min(6, max(1, h * wd // (S * S) * 2))):
            if n == count: break
            top, left = gen.integers(h - S + 1), gen.integers(wd - S + 1)
            t = x[:, top:top + S, left:left + S]
            if gen.integers(2): t = t.flip(2)
            if gen.integers(2): t = t.transpose(1, 2)
            out[n] = t; n += 1
    return out


pool = tiles_of([i for i in range(len(names)) if i not in held], a.tiles, rng)
val = tiles_of(held, min(192, max(8, a.tiles // 20)), np.random.default_rng(7))
log('pool', tuple(pool.shape))
net = Codec().to(dev)
preview_of = Preview().to(dev)


def klt():
    cov = torch.zeros(768, 768, device=dev, dtype=torch.float64)
    for i in range(0, min(2048, len(pool)), 32):
        x = pool[i:i + 32].float() / 255
        for size in (a.size, a.size // 4):
            y = F.avg_pool2d(x, a.size // size) if size < a.size else x
            known = (F.avg_pool2d(y, 4) + torch.randn_like(F.avg_pool2d(y, 4)) * .02)
            r = F.pixel_unshuffle(y - upsample4(known), 16).permute(0, 2, 3, 1).reshape(-1, 768)
            c = (r.t() @ r).double()
            cov += c / r.shape[0] * (1 if size == a.size else .5)
    _, V = torch.linalg.eigh(cov)
    return V.flip(1)[:, :C].t().float().contiguous()


if a.init: net.load_state_dict(torch.load(a.init, map_location=dev)); log('from', a.init)
else: net.set_linear(klt())
if dev == 'cuda': net = net.to(memory_format=torch.channels_last)
enc, dec = net.enc, net.dec
if a.compile: enc, dec = torch.compile(enc), torch.compile(dec)
log('klt done,', sum(p.numel() for p in enc.parameters()), 'encoder weights,', sum(p.numel() for p in dec.parameters()), 'decoder weights')
channel = torch.arange(C, device=dev).view(1, C, 1, 1)


def level(x, known, step, known_step, silent):
    """One level at a step a sample. silent: no symbols at all, the decoder draws from the known picture alone."""
    B = x.shape[0]
    up = upsample4(known)
    residual = x - up
    with amp(): r = enc(residual).float()
    # The channels after a cut are a bit plane behind, as in a code that ends within a plane.
    cut = torch.where(torch.rand(B, device=dev) < .5, torch.randint(0, C, (B,), device=dev), C)
    s = step.view(B, 1, 1, 1) * torch.where(channel < cut.view(B, 1, 1, 1), 1., 2.)
    bits = net.rate.bits(r / s + torch.rand_like(r) - .5, known.detach(), torch.log(step))
    keep = (~silent).float().view(B, 1, 1, 1)
    rq = (r + (quantize(r, s) - r).detach()) * keep
    with amp(): xh = dec(rq, up, torch.log(step), torch.log(known_step)).float()
    pixels = x.shape[2] * x.shape[3]
    distortion = ((xh - x) ** 2).sum((1, 2, 3)) / pixels
    rate = bits / pixels * (~silent).float()
    return xh, distortion, rate


def losses(x, steps=None):
    B = x.shape[0]
    x4 = F.avg_pool2d(x, 4); x16 = F.avg_pool2d(x4, 4)
    uniform = lambda lo, hi: torch.empty(B, device=dev).uniform_(lo, hi)
    if steps is None:
        low = torch.exp(uniform(math.log(5), math.log(128))) / 255
        silent = torch.rand(B, device=dev) < .15
        low_silent = torch.rand(B, device=dev) < .05
        full = (4 * low * torch.exp2(uniform(-1.7, 1.7))).clamp(9 / 255, 600 / 255)
    else:
        low, full = torch.full((B,), steps[0] / 255, device=dev), torch.full((B,), min(steps[1], 600) / 255, device=dev)
        silent = torch.full((B,), steps[1] > 600, device=dev); low_silent = torch.zeros(B, dtype=torch.bool, device=dev)
    with torch.no_grad(): preview = preview_of(x16)
    preview_step = torch.full((B,), 160 / 255, device=dev)
    h4, d4, r4 = level(x4, preview, low, preview_step, low_silent)
    known_step = torch.where(low_silent, preview_step, low)
    full = torch.where(silent, 4 * low, full)
    h, d, r = level(x, h4.clamp(0, 1), full, known_step, silent)
    if steps is not None: return d4, r4, d, r
    loss = lambda d, r, s: ((d / (a.mu * s * s) + r) * s * (255 / 40)).mean()
    return loss(d, r, full) + .5 * loss(d4, r4, low * 2), (d.mean(), r.mean(), d4.mean(), r4.mean())


slow = [p for p in net.rate.parameters()]
fast = [*net.enc.parameters(), *net.dec.parameters()]
lr = torch.tensor(a.lr, device=dev); lr_rate = torch.tensor(1e-3, device=dev)
opt = torch.optim.Adam([{'params': fast, 'lr': lr}, {'params': slow, 'lr': lr_rate}], capturable=dev == 'cuda', **({'fused': True} if dev == 'cuda' else {}))
params = fast + slow
ema = [p.detach().clone() for p in params]
decay = torch.tensor(.999, device=dev)
x_in = torch.empty(a.batch, 3, a.size, a.size, device=dev)
stats = torch.zeros(5, device=dev)


def step_fn():
    loss, s = losses(x_in)
    opt.zero_grad(set_to_none=False)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0, foreach=True)
    opt.step()
    with torch.no_grad():
        torch._foreach_lerp_(ema, [p.detach() for p in params], 1e-3)
        stats.mul_(.99).add_(torch.stack([loss.detach(), *[v.detach() for v in s]]) * .01)


def load_batch():
    idx = torch.randint(0, len(pool), (a.batch,), device=dev)
    x_in.copy_(pool[idx].float() / 255)
    f = torch.rand(3) < .5
    if f[0]: x_in.copy_(x_in.flip(2))


def capture():
    s = torch.cuda.Stream(); s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        for _ in range(5): load_batch(); step_fn()
    torch.cuda.current_stream().wait_stream(s)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g): step_fn()
    return g.replay


def psnr(d): return -10 * math.log10(d / 3)


def validate():
    live = [p.detach().clone() for p in params]
    with torch.no_grad():
        for p, e in zip(params, ema): p.copy_(e)
    rows = []
    with torch.no_grad():
        for low, full in ((60, 1e9), (30, 1e9), (30, 120), (15, 60), (8, 32), (6, 20)):
            parts = [losses(val[i:i + 32].float() / 255, (low, full)) for i in range(0, len(val), 32)]
            d4, r4, d, r = [torch.cat([p[k] for p in parts]).mean().item() for k in range(4)]
            rows.append(dict(low=low, full=full, psnr4=psnr(d4), bpp4=r4, psnr=psnr(d), bpp=r + r4 / 16))
            log('  val step %g/%g: quarter %.2f dB %.3f bpp; full %.2f dB %.4f bpp' % (low, full, psnr(d4), r4, psnr(d), r + r4 / 16))
        for p, l in zip(params, live): p.copy_(l)
    return rows


def save(name, rows=None):
    live = [p.detach().clone() for p in params]
    with torch.no_grad():
        for p, e in zip(params, ema): p.copy_(e)
    sd = {k: v.detach().float().cpu().contiguous().clone() for k, v in net.state_dict().items()}
    with torch.no_grad():
        for p, l in zip(params, live): p.copy_(l)
    torch.save(sd, f'{a.out}/{name}.pt')
    meta, off = [], 0
    with open(f'{a.out}/{name}.bin', 'wb') as f:  # plain: float32, little endian, one after another
        for k, v in sd.items():
            if k.startswith('rate.'): continue
            b = v.numpy().astype('<f4').tobytes(); f.write(b)
            meta.append(dict(name=k, shape=list(v.shape), offset=off)); off += len(b)
    json.dump(dict(weights=meta, steps=it, seconds=time.time() - t0, batch=a.batch, size=a.size, seed=a.seed, tiles=a.tiles, mu=a.mu, lr=a.lr, validation=rows,
                   device=torch.cuda.get_device_name() if dev == 'cuda' else 'cpu', photographs=len(names), heldOut=len(held)), open(f'{a.out}/{name}.json', 'w'))


t0 = time.time(); it = 0
replay = step_fn
if dev == 'cuda' and not a.no_graph:
    try: replay = capture(); log('step captured')
    except Exception as e: log('no graph:', repr(e)[:300]); torch.cuda.synchronize()
t0 = last_save = time.time(); t1, i1 = t0, 0
while it < a.max_steps:
    if dev == 'cuda' and it % 20 == 0: torch.cuda.synchronize()
    done = max((time.time() - t0) / a.seconds, it / a.max_steps)
    if done >= 1: break
    warm = min(1, (it + 1) / 500)
    factor = warm * (.5 + .5 * math.cos(math.pi * done)) + 1e-3
    lr.fill_(a.lr * factor); lr_rate.fill_(1e-3 * max(.05, factor))
    load_batch(); replay(); it += 1
    if it % 1000 == 0 or it in (50, 200) or (dev == 'cpu' and it % 20 == 0):
        l, d, r, d4, r4 = stats.tolist(); k = 1 - .99 ** it
        log(f'step {it} loss {l/k:.3f} full {psnr(d/k):.2f} dB {r/k:.4f} bpp, quarter {psnr(d4/k):.2f} dB {r4/k:.3f} bpp, {(it-i1)/(time.time()-t1):.1f} steps/s')
        if not math.isfinite(l): log('diverged'); sys.exit(1)
        t1, i1 = time.time(), it
    if time.time() - last_save > 90: save('grid'); last_save = time.time()
rows = validate(); save('grid', rows)
log('done', it, 'steps,', f'{it/(time.time()-t0):.1f} a second')
