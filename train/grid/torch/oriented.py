"""Transforms for blocks of each orientation: a plain one, one for edges along one axis, one for diagonal edges. Two more are the
transposed and the mirrored one.

    python train/grid/torch/oriented.py --weights BASE --blocks FILE... --out BASE2

--weights: what train.py wrote, whose dec.linear is where all three start. --blocks: residual blocks, int16 [n, 16, 16, 3], in
64ths of a level, which train/grid/residual-blocks.ts wrote. Writes BASE2.bin, float32 [3, 768, 192], orthonormal columns in order
of importance, and BASE2.json.

Each is a sparse orthonormal transform (Sezer, Guleryuz, Altunbasak 2015) of the blocks that choose it: a block's few
coefficients above a step, times the transform, should give the block; those fixed, the best orthonormal matrix is the
polar factor of a product (Procrustes). Blocks then choose anew, by distortion and rate.
"""
import argparse, json, time
import numpy as np, torch

C, SAMPLES = 192, 768
# In levels. Transforms are made for these steps, each as important: first for coarse ones, where orientations tell most.
COARSE = (45., 64., 90.)
ALL = (16., 22., 32.) + COARSE
CHOICE_STEP = 54.  # the encoder's (shared/grid/networks/grid-networks.ts), whose latents are 1.22 times as large
BITS, BITS_PER_OCTAVE, LAMBDA = 5.8, 1., 0.157  # about what a latent beyond the step takes in real codes; in steps squared a bit
COARSE_ROUNDS, ROUNDS, ITERATIONS, BLOCKS, BATCH = 14, 18, 8, 120_000, 30_000

plain = lambda x: x
transposed = lambda x: x.view(-1, 16, 16, 3).transpose(1, 2).reshape(-1, SAMPLES)
mirrored = lambda x: x.view(-1, 16, 16, 3).flip(2).reshape(-1, SAMPLES)
ORIENTATIONS = [(0, plain), (1, plain), (1, transposed), (2, plain), (2, mirrored)]  # matrix, view of a block


def costs(x, matrix):
    """Of blocks [n, 768]: distortion and, in the same unit, rate."""
    c = x @ matrix[:, :C]
    size = c.abs()
    rate = BITS + BITS_PER_OCTAVE * (size.clamp_min(CHOICE_STEP) / CHOICE_STEP).log2()
    kept = size >= CHOICE_STEP
    return (x ** 2).sum(1) + torch.where(kept, CHOICE_STEP ** 2 * (.09 + LAMBDA * rate) - c ** 2, 0).sum(1)


def refined(blocks, matrix, steps, random):
    for _ in range(ITERATIONS):
        x = blocks[torch.randperm(len(blocks), generator=random)[:BATCH]]
        c = x @ matrix
        product = sum((x.T @ torch.where(c.abs() >= step, c, 0)).double() / step ** 2 for step in steps)
        u, _, v = torch.linalg.svd(product)
        matrix = (u @ v).float()
    return matrix


def steepest(x):
    """Which way blocks vary most: 0 down, 1 and 3 along the diagonals, 2 across."""
    grey = x.view(-1, 16, 16, 3).mean(3)
    across, down = grey.diff(dim=2)[:, :-1], grey.diff(dim=1)[:, :, :-1]
    angle = .5 * torch.atan2(2 * (across * down).sum((1, 2)), (across ** 2 - down ** 2).sum((1, 2)))
    return torch.floor((angle / torch.pi + .625) * 4).long() % 4


def first_matrix(base):
    """dec.linear with orthonormal columns, and others that complete the space."""
    entry = next(e for e in json.load(open(base + '.json'))['weights'] if e['name'] == 'dec.linear.weight')
    s = np.fromfile(base + '.bin', np.float32, SAMPLES * C, offset=entry['offset']).reshape(3, 16, 16, C)
    s = torch.from_numpy(s.transpose(1, 2, 0, 3).reshape(SAMPLES, C).copy())
    s = s[:, s.norm(dim=0).argsort(descending=True)]
    q, r = torch.linalg.qr(torch.cat([s, torch.eye(SAMPLES)], 1))
    return q * r.diagonal().sign()


def in_order(blocks, matrix):
    importance = (blocks @ matrix).abs().clamp_max(400).pow(2).mean(0)
    return matrix[:, importance.argsort(descending=True)]


def main():
    args = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    args.add_argument('--weights', required=True)
    args.add_argument('--blocks', required=True, nargs='+')
    args.add_argument('--out', required=True)
    args.add_argument('--seed', type=int, default=0)
    args = args.parse_args()
    random = torch.Generator().manual_seed(args.seed)
    all_blocks = torch.from_numpy(np.concatenate([np.fromfile(f, np.int16).reshape(-1, SAMPLES) for f in args.blocks]))
    some = lambda: all_blocks[torch.randperm(len(all_blocks), generator=random)[:BLOCKS]].float() / 64
    first = first_matrix(args.weights)
    x, started = some(), time.time()
    way = steepest(x)
    start = lambda a, b, view: refined(torch.cat([x[way == a], view(x[way == b])]), first, COARSE, random)
    matrices = [first, start(2, 0, transposed), start(3, 1, mirrored)]
    for n in range(ROUNDS):
        each = torch.stack([costs(view(x), matrices[m]) for m, view in ORIENTATIONS])
        choice = each.argmin(0)
        gain, shares = 1 - each.min(0).values.sum() / costs(x, first).sum(), choice.bincount(minlength=5) / len(x)
        left = (time.time() - started) / (n + 1) * (ROUNDS - 1 - n)
        print(f'{n}: costs {gain:.4f} lower than with one; shares {[round(s, 2) for s in shares.tolist()]}; {left:.0f} s left', flush=True)
        chosen = [torch.cat([view(x[choice == k]) for k, (m, view) in enumerate(ORIENTATIONS) if m == each_m]) for each_m in range(3)]
        matrices = [refined(chosen[m], matrices[m], COARSE if n < COARSE_ROUNDS else ALL, random) for m in range(3)]
        ordered = torch.stack([in_order(chosen[m], matrices[m])[:, :C] for m in range(3)])
        ordered.numpy().tofile(args.out + '.bin')
        x = some()
    record = {'blocks': len(all_blocks), 'rounds': ROUNDS, 'seconds': round(time.time() - started), 'gain': round(gain.item(), 4)}
    json.dump({'oriented': record}, open(args.out + '.json', 'w'))


if __name__ == '__main__': main()
