"""
Trains the grid codec on a GPU with PyTorch (numpy, Pillow), one CUDA graph a step: levels that start from a decoded picture
on tiles of photographs, the lowest level on whole pictures with real previews (train/grid/whole-pictures.ts).

    node train/grid/whole-pictures.ts --photos PHOTOS --out CROPS
    python train.py --photos PHOTOS --crops CROPS --out DIR --seconds 900
    npx latent64 train-grid --photos PHOTOS --weights DIR/grid --out models/NAME

docs/long-codes.md says by which steps the shipped model was trained.
"""
import argparse, glob, json, math, os, time, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
from model import *

ap = argparse.ArgumentParser()
ap.add_argument('--photos', required=True); ap.add_argument('--crops', required=True); ap.add_argument('--out', required=True)
ap.add_argument('--seconds', type=float, default=450); ap.add_argument('--max-steps', type=int, default=10**9)
ap.add_argument('--batch', type=int, default=24); ap.add_argument('--tiles', type=int, default=16000)
ap.add_argument('--pictures', type=int, default=10**6); ap.add_argument('--picture-batch', type=int, default=32)
ap.add_argument('--lr', type=float, default=6e-4); ap.add_argument('--mu', type=float, default=.11)
ap.add_argument('--eyes', type=float, default=.8)  # the share of OKLab in the lowest level's distortion
ap.add_argument('--size', type=int, default=256); ap.add_argument('--seed', type=int, default=1)
ap.add_argument('--small', type=float, default=.5)  # the share of tiles from photographs brought to about a tile's size
ap.add_argument('--keep-linear', action='store_true', help='train all but the matrices of the levels above the lowest')
ap.add_argument('--no-graph', action='store_true'); ap.add_argument('--init', default='')
a = ap.parse_args()
t00 = time.time()
dev = 'cuda' if torch.cuda.is_available() else 'cpu'
torch.manual_seed(a.seed); rng = np.random.default_rng(a.seed)
torch.backends.cuda.matmul.allow_tf32 = True; torch.backends.cudnn.allow_tf32 = True; torch.backends.cudnn.benchmark = True
amp = lambda: torch.autocast(dev, torch.bfloat16, enabled=dev == 'cuda', cache_enabled=False)
os.makedirs(a.out, exist_ok=True)
log = lambda *x: print(f'[{time.time()-t00:.0f}s]', *x, flush=True)

names = sorted(n for n in glob.glob(a.photos + '/*') if n.lower().endswith(('.jpg', '.jpeg', '.png', '.webp')))
with ThreadPoolExecutor(16) as ex:
    images = list(ex.map(lambda n: np.asarray(Image.open(n).convert('RGB')), names))
held = [i for i in range(len(names)) if i % 10 == 9]  # never trained on
log(len(names), 'photographs,', len(held), 'held out, device', dev)
by_name = {os.path.basename(name): image for name, image in zip(names, images)}
on_device = lambda image: torch.from_numpy(image.copy()).to(dev).permute(2, 0, 1)[None].float()
bytes_of = lambda x: x.clamp(0, 255).round().byte()[0]


def tiles_of(indices, count, gen):
    """uint8 tiles [count,3,S,S] at random scales: of photographs at any size from their own down to a tile, or of parts of them
    at a tile's size and half as much again, which are sharper."""
    S, out = a.size, torch.empty(count, 3, a.size, a.size, dtype=torch.uint8, device=dev)
    w = np.array([math.sqrt(images[i].shape[0] * images[i].shape[1]) for i in indices]); w /= w.sum()
    n = 0
    while n < count:
        image = images[indices[gen.choice(len(indices), p=w)]]
        small = gen.random() < a.small
        if small:
            part = [max(S, round(side * gen.uniform(.4, 1))) for side in image.shape[:2]]
            top, left = [gen.integers(side - length + 1) for side, length in zip(image.shape, part)]
            image = image[top:top + part[0], left:left + part[1]]
        x = on_device(image)
        h, wd = x.shape[2:]
        low = S / min(h, wd)
        s = math.exp(gen.uniform(math.log(low), min(0, math.log(low * 1.5)) if small else 0)) if low < 1 else low
        mode = 'bicubic' if small or low >= 1 or gen.integers(2) else 'bilinear'
        x = bytes_of(F.interpolate(x, (max(S, round(h * s)), max(S, round(wd * s))), mode=mode, antialias=True, align_corners=False))
        h, wd = x.shape[1:]
        for _ in range(min(6, max(1, h * wd // (S * S) * 2))):
            if n == count: break
            top, left = gen.integers(h - S + 1), gen.integers(wd - S + 1)
            t = x[:, top:top + S, left:left + S]
            if gen.integers(2): t = t.flip(2)
            if gen.integers(2): t = t.transpose(1, 2)
            out[n] = t; n += 1
    return out


def whole_pictures():
    """uint8 [n,3,96,128], and their previews' samples [n,3,32,32] of [0, 1]."""
    rects = json.load(open(a.crops + '/crops.json'))
    previews = np.fromfile(a.crops + '/previews.bin', np.uint8).reshape(-1, 32, 32, 3)[:a.pictures]
    previews = torch.from_numpy(previews).to(dev).permute(0, 3, 1, 2).float().contiguous() / 255
    pictures = torch.empty(len(previews), 3, 96, 128, dtype=torch.uint8, device=dev)
    for n, (name, left, top, w, h) in enumerate(rects[:len(previews)]):
        wide = w > h
        x = on_device(by_name[name][top:top + h, left:left + w])
        x = bytes_of(F.interpolate(x, (96, 128) if wide else (128, 96), mode='bicubic', antialias=True, align_corners=False))
        pictures[n] = x if wide else x.transpose(1, 2)
        if not wide: previews[n] = previews[n].transpose(1, 2).clone()
    return pictures, previews


def mitchell(size_in, size_out):
    """[size_out, size_in]: shared/images/upscale.ts"""
    scale = size_out / size_in; stretch = max(1, 1 / scale)
    centre = (np.arange(size_out)[:, None] + .5) / scale - .5
    m = np.zeros((size_out, size_in))
    for at in range(-8, size_in + 8):
        x = np.abs(at - centre[:, 0]) / stretch
        w = np.where(x < 1, (7 * x ** 3 - 12 * x ** 2 + 16 / 3) / 6, np.where(x < 2, (-7 / 3 * x ** 3 + 12 * x ** 2 - 20 * x + 32 / 3) / 6, 0))
        m[:, min(max(at, 0), size_in - 1)] += w
    return torch.from_numpy(m / m.sum(1, keepdims=True)).float().to(dev)


pool = tiles_of([i for i in range(len(names)) if i not in held], a.tiles, rng)
val = tiles_of(held, min(192, max(8, a.tiles // 20)), np.random.default_rng(7))
log('tiles', tuple(pool.shape))
pictures, previews = whole_pictures()
order = torch.randperm(len(pictures), device=dev)
VAL_PICTURES = min(512, len(pictures) // 8)
val_pictures, train_pictures = order[:VAL_PICTURES], order[VAL_PICTURES:]
log('pictures', tuple(pictures.shape))
SIZES = ((96, 128), (48, 64))
ups = {size: (mitchell(32, size[0] // 4), mitchell(32, size[1] // 4)) for size in SIZES}
net = Codec().to(dev)
eyes = Eyes().to(dev)


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


if a.init:
    index = json.load(open(a.init + '.json')); raw = np.fromfile(a.init + '.bin', '<f4')
    state = {w['name']: torch.from_numpy(raw[w['offset'] // 4:][:math.prod(w['shape'])].reshape(w['shape']).copy()) for w in index['weights']}
    for part in ('enc', 'dec'): state.setdefault(part + '.lowest.weight', state[part + '.linear.weight'])
    own = net.state_dict()
    net.load_state_dict({k: v for k, v in state.items() if k in own and v.shape == own[k].shape}, strict=False); log('from', a.init)
else: net.set_linear(klt())
if dev == 'cuda': net = net.to(memory_format=torch.channels_last)
log(sum(p.numel() for p in net.enc.parameters()), 'encoder weights,', sum(p.numel() for p in net.dec.parameters()), 'decoder weights')
channel = torch.arange(C, device=dev).view(1, C, 1, 1)
PREVIEW_STEP, LOWER_STEP = 160 / 255, 64 / 255  # lower levels end at this one if there is anything above
constant = lambda like, value: torch.full((like.shape[0],), value, device=dev)


def decoded(rq, up, step, known_step, restored, lowest):
    with amp():
        drawn = net.dec.draw(rq, up, lowest)
        if restored is False: return drawn
        better = net.dec.restore(drawn, torch.log(step), torch.log(known_step))
    if restored is True: return better
    return torch.where((restored | (step > COARSE_STEP / 2 ** .5)).view(-1, 1, 1, 1), better, drawn)


def latents(x, up, lowest):
    with amp(): return net.enc(x - up, lowest).float()


def steps_within(step):
    """[B,C,1,1]: in half of the samples the channels after a cut are a bit plane behind, as in a code that ends within a plane."""
    B = step.shape[0]
    cut = torch.where(torch.rand(B, device=dev) < .5, torch.randint(0, C, (B,), device=dev), C)
    return step.view(B, 1, 1, 1) * torch.where(channel < cut.view(B, 1, 1, 1), 1., 2.)


def level(x, known, step, known_step, lowest=False, silent=None):
    """One level at a step a sample -> picture, rate. silent: no symbols, the decoder draws from the known picture alone."""
    B = x.shape[0]
    up = upsample4(known)
    r, s = latents(x, up, lowest), steps_within(step)
    model = net.rate_lowest if lowest else net.rate
    rate = model.bits(r / s + torch.rand_like(r) - .5, known.detach(), torch.log(step)) / (x.shape[2] * x.shape[3])
    rq = r + (quantize(r, s) - r).detach()
    if silent is not None: rq = rq * (~silent).float().view(B, 1, 1, 1); rate = rate * (~silent).float()
    return decoded(rq, up, step, known_step, torch.rand(B, device=dev) < .5, lowest), rate


def restoration_loss(x, known, step, known_step, silent):
    """The error left, as a share of that of what the matrices draw: all rates count alike."""
    up = upsample4(known)
    with torch.no_grad():
        rq = quantize(latents(x, up, False), steps_within(step)) * (~silent).float().view(-1, 1, 1, 1)
        drawn = decoded(rq, up, step, known_step, False, False)
    with amp(): y = net.dec.restore(drawn, torch.log(step), torch.log(known_step))
    error = lambda y: squared(y, x).mean((1, 2))
    return 3 * (error(y) / (error(drawn) + 2e-4)).mean(), squared(y, x).mean()


squared = lambda y, x: ((y - x) ** 2).sum(1)
loss_of = lambda d, r, s: ((d.mean((1, 2)) / (a.mu * s * s) + r) * s * (255 / 40)).mean()


def tile_losses(x):
    B = x.shape[0]
    uniform = lambda lo, hi: torch.exp(torch.empty(B, device=dev).uniform_(math.log(lo), math.log(hi))) / 255
    x4 = F.avg_pool2d(x, 4); x16 = F.avg_pool2d(x4, 4)
    # The known picture: decoded to LOWER_STEP if there are symbols, coarser if there are none.
    silent = torch.rand(B, device=dev) < .25
    low = torch.where(silent, uniform(24, 1000), LOWER_STEP)
    noise = torch.randn_like(x16) * torch.rand(B, 1, 1, 1, device=dev) * .03
    blurred = F.interpolate(F.avg_pool2d(x16, 2), scale_factor=2, mode='bilinear')  # about what a preview shows
    with torch.no_grad():
        known = level(x4, torch.where(silent.view(B, 1, 1, 1), blurred, x16) + noise, low, constant(x, PREVIEW_STEP), True)[0].clamp(0, 1)
    full = torch.where(silent, 4 * low, uniform(9, 700))
    if a.keep_linear: return *restoration_loss(x, known, full, low, silent), torch.zeros((), device=dev)
    y, rate = level(x, known, full, low, silent=silent)
    quarter_step = uniform(24, 200)
    noisy = x16 + torch.randn_like(x16) * torch.rand(B, 1, 1, 1, device=dev) * .03
    y4, rate4 = level(x4, noisy, quarter_step, constant(x, LOWER_STEP))
    loss = loss_of(squared(y, x), rate, full) + .25 * loss_of(squared(y4, x4), rate4, quarter_step)
    return loss, squared(y, x).mean(), rate.mean()


def picture_losses(x, preview):
    loss, report = 0, []
    for size in SIZES:
        p = x if size == SIZES[0] else F.avg_pool2d(x, 2)
        down, across = ups[size]
        known = (down @ preview @ across.t()).clamp(0, 1)
        step = torch.exp(torch.empty(x.shape[0], device=dev).uniform_(math.log(24), math.log(1100))) / 255
        y, rate = level(p, known, step, constant(x, PREVIEW_STEP), True)
        loss = loss + .5 * loss_of((1 - a.eyes) * squared(y, p) + a.eyes * eyes(y, p), rate, step)
        report += [squared(y, p).mean(), rate.mean()]
    return loss, report[0], report[1]


kept = ('enc.linear', 'dec.linear', 'rate.') if a.keep_linear else ()
for name, p in net.named_parameters(): p.requires_grad_(not name.startswith(kept))
slow = [p for n, p in net.named_parameters() if n.startswith('rate') and p.requires_grad]
fast = [p for n, p in net.named_parameters() if not n.startswith('rate') and p.requires_grad]
lr = torch.tensor(a.lr, device=dev); lr_rate = torch.tensor(1e-3, device=dev)
opt = torch.optim.Adam([{'params': fast, 'lr': lr}, {'params': slow, 'lr': lr_rate}], capturable=dev == 'cuda', **({'fused': True} if dev == 'cuda' else {}))
params = fast + slow
ema = [p.detach().clone() for p in params]
x_in = torch.empty(a.batch, 3, a.size, a.size, device=dev)
picture_in = torch.empty(a.picture_batch, 3, 96, 128, device=dev)
preview_in = torch.empty(a.picture_batch, 3, 32, 32, device=dev)
stats = torch.zeros(5, device=dev)


def step_fn():
    loss, d, r = tile_losses(x_in)
    loss0, d0, r0 = picture_losses(picture_in, preview_in)
    loss = loss + loss0
    opt.zero_grad(set_to_none=False)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0, foreach=True)
    opt.step()
    with torch.no_grad():
        torch._foreach_lerp_(ema, [p.detach() for p in params], 1e-3)
        stats.mul_(.99).add_(torch.stack([v.detach() for v in (loss, d, r, d0, r0)]) * .01)


def load_batch():
    x_in.copy_(pool[torch.randint(0, len(pool), (a.batch,), device=dev)].float() / 255)
    i = train_pictures[torch.randint(0, len(train_pictures), (a.picture_batch,), device=dev)]
    picture_in.copy_(pictures[i].float() / 255); preview_in.copy_(previews[i])
    flips = torch.rand(3)
    if flips[0] < .5: x_in.copy_(x_in.flip(2))
    for at, axis in ((1, 2), (2, 3)):
        if flips[at] < .5: picture_in.copy_(picture_in.flip(axis)); preview_in.copy_(preview_in.flip(axis))


def capture():
    s = torch.cuda.Stream(); s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        for _ in range(5): load_batch(); step_fn()
    torch.cuda.current_stream().wait_stream(s)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g): step_fn()
    return g.replay


def psnr(d): return -10 * math.log10(d / 3)


def with_average(act):
    """Runs it with the weights' running mean in place of the weights."""
    live = [p.detach().clone() for p in params]
    with torch.no_grad():
        for p, e in zip(params, ema): p.copy_(e)
        result = act()
        for p, l in zip(params, live): p.copy_(l)
    return result


def validate():
    rows = []
    for step in (512, 256, 128, 64, 32, 16):
        rows_of = []
        for i in range(0, len(val), 32):
            x = val[i:i + 32].float() / 255
            x4 = F.avg_pool2d(x, 4); x16 = F.avg_pool2d(x4, 4)
            known = level(x4, x16 + torch.randn_like(x16) * .015, constant(x, LOWER_STEP), constant(x, PREVIEW_STEP), True)[0].clamp(0, 1)
            s, up = constant(x, step / 255), upsample4(known)
            r = latents(x, up, False)
            rate = net.rate.bits(r / s[0] + torch.rand_like(r) - .5, known, torch.log(s)).mean() / a.size ** 2
            q = quantize(r, s[0])
            rows_of.append(torch.stack([rate, *[squared(decoded(q, up, s, constant(x, LOWER_STEP), how, False).clamp(0, 1), x).mean() for how in (False, True)]]))
        rate, drawn, restored = torch.stack(rows_of).mean(0).tolist()
        rows.append(dict(step=step, bpp=rate, drawnDb=psnr(drawn), restoredDb=psnr(restored)))
        log('  val step %d: %.4f bpp, %.2f dB, restored %.2f dB' % (step, rate, psnr(drawn), psnr(restored)))
    for size in SIZES:
        for step in (512, 256, 128, 64):
            x = pictures[val_pictures].float() / 255
            if size != SIZES[0]: x = F.avg_pool2d(x, 2)
            known = (ups[size][0] @ previews[val_pictures] @ ups[size][1].t()).clamp(0, 1)
            s, up = constant(x, step / 255), upsample4(known)
            r = latents(x, up, True)
            rate = net.rate_lowest.bits(r / s[0] + torch.rand_like(r) - .5, known, torch.log(s)).mean() / 8
            y = decoded(quantize(r, s[0]), up, s, constant(x, PREVIEW_STEP), True, True).clamp(0, 1)
            rows.append(dict(lowest=size[1], step=step, bytes=rate.item(), psnrDb=psnr(squared(y, x).mean().item()), oklab=1e4 * eyes(y, x).mean().item()))
            log('  val lowest', rows[-1])
    return rows


def save(name, rows=None):
    state = with_average(lambda: {k: v.detach().float().cpu().contiguous().clone() for k, v in net.state_dict().items()})
    meta, off = [], 0
    with open(f'{a.out}/{name}.bin', 'wb') as f:  # plain: float32, little endian, one after another
        for k, v in state.items():
            b = v.numpy().astype('<f4').tobytes(); f.write(b)
            meta.append(dict(name=k, shape=list(v.shape), offset=off)); off += len(b)
    json.dump(dict(weights=meta, steps=it, seconds=time.time() - t0, batch=a.batch, size=a.size, seed=a.seed, tiles=a.tiles, pictures=len(pictures), eyes=a.eyes, mu=a.mu, lr=a.lr, validation=rows,
                   device=torch.cuda.get_device_name() if dev == 'cuda' else 'cpu', photographs=len(names), heldOut=len(held)), open(f'{a.out}/{name}.json', 'w'))


t0 = time.time(); it = 0
if a.init: with_average(validate)
replay = step_fn
if dev == 'cuda' and not a.no_graph:
    try: replay = capture(); log('step captured')
    except Exception as e: log('no graph:', repr(e)[:300]); torch.cuda.synchronize()
t0 = last_save = time.time(); t1, i1 = t0, 0
while it < a.max_steps:
    if dev == 'cuda' and it % 20 == 0: torch.cuda.synchronize()
    done = max((time.time() - t0) / a.seconds, it / a.max_steps)
    if done >= 1: break
    factor = min(1, (it + 1) / 500) * (.5 + .5 * math.cos(math.pi * done)) + 1e-3
    lr.fill_(a.lr * factor); lr_rate.fill_(1e-3 * max(.05, factor))
    load_batch(); replay(); it += 1
    if it % 2000 == 0 or it in (50, 500) or (dev == 'cpu' and it % 20 == 0):
        l, d, r, d0, r0 = [v / (1 - .99 ** it) for v in stats.tolist()]
        log(f'step {it} loss {l:.3f} tiles {psnr(d):.2f} dB {r:.4f} bpp, pictures {psnr(d0):.2f} dB {r0:.3f} bpp, {(it-i1)/(time.time()-t1):.1f} steps/s')
        if not math.isfinite(l): log('diverged'); sys.exit(1)
        t1, i1 = time.time(), it
    if time.time() - last_save > 90: save('grid'); last_save = time.time()
rows = with_average(validate); save('grid', rows)
log('done', it, 'steps,', f'{it/(time.time()-t0):.1f} a second')
