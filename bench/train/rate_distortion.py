"""A 64-d rate-distortion autoencoder with a linear path, in PyTorch: seconds until it is good enough.

    python rate_distortion.py --data FOLDER_WITH_IDX_FILES --lam 400 --step 0.5 --epochs 6 --psnr 24.5 --bytes 32

Ends after the first epoch that reaches both; prints one JSON line, its seconds counted from the start of Python.

encoder(x) = (x - mean) E + f(x - mean)        E starts as the PCA basis / step, f's last layer at zero
decoder(y) = mean + y D + g(y * step)          D starts as E's transpose,        g's last layer at zero
loss       = bits / pixels + lam * MSE         MSE on [0, 1] samples; rounding stands in as uniform noise
"""
import time; start = time.time()
import argparse, json, math, pathlib
import numpy as np, torch, torch.nn.functional as F
from torch import nn

p = argparse.ArgumentParser()
p.add_argument('--data', required=True); p.add_argument('--lam', type=float, default=400); p.add_argument('--step', type=float, default=.5)
p.add_argument('--epochs', type=int, default=25); p.add_argument('--batch', type=int, default=256); p.add_argument('--lr', type=float, default=1e-3)
p.add_argument('--latent', type=int, default=64); p.add_argument('--hidden', type=int, nargs=2, default=[1024, 512]); p.add_argument('--psnr', type=float, default=24.5); p.add_argument('--bytes', type=float, default=32)
a = p.parse_args(); torch.manual_seed(0)

idx = lambda name: torch.from_numpy(np.frombuffer((pathlib.Path(a.data) / name).read_bytes()[16:], np.uint8).reshape(-1, 784).astype(np.float32) / 255)
train, test = idx('train-images-idx3-ubyte'), idx('t10k-images-idx3-ubyte')
mean = train.mean(0); pixels = train.shape[1]
basis = torch.linalg.eigh((train[:20000] - mean).T @ (train[:20000] - mean) / 20000)[1].flip(1)[:, :a.latent].contiguous()


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__(); h1, h2 = a.hidden
        self.E, self.D = nn.Parameter(basis / a.step), nn.Parameter(basis.T * a.step)
        self.f = nn.Sequential(nn.Linear(pixels, h1), nn.ReLU(), nn.Linear(h1, h2), nn.ReLU(), nn.Linear(h2, a.latent))
        self.g = nn.Sequential(nn.Linear(a.latent, h2), nn.ReLU(), nn.Linear(h2, h1), nn.ReLU(), nn.Linear(h1, pixels))
        for last in (self.f[-1], self.g[-1]): nn.init.zeros_(last.weight); nn.init.zeros_(last.bias)

    def encode(self, x): return (x - mean) @ self.E + self.f(x - mean)          # [n, latent], in quantization steps
    def decode(self, y): return mean + y @ self.D + self.g(y * a.step)          # [n, pixels]


class LogisticMixturePrior(nn.Module):
    """One mixture of K logistics per latent dimension; bits of a unit-wide bin."""
    def __init__(self, K=3):
        super().__init__(); sd = ((train[:20000] - mean) @ basis / a.step).std(0)[:, None]
        self.mu = nn.Parameter(torch.randn(a.latent, K) * sd * .5); self.log_scale = nn.Parameter((sd * .5).clamp_min(.2).log().repeat(1, K)); self.logit = nn.Parameter(torch.zeros(a.latent, K))

    def cdf(self, y): return (F.softmax(self.logit, -1) * torch.sigmoid((y[..., None] - self.mu) * torch.exp(-self.log_scale))).sum(-1)
    def bits(self, y): return -torch.log2((self.cdf(y + .5) - self.cdf(y - .5)).clamp_min(1e-7))


net, prior = Autoencoder(), LogisticMixturePrior()
opt = torch.optim.Adam([{'params': net.parameters()}, {'params': prior.parameters(), 'lr': 5 * a.lr}], a.lr)
steps = len(train) // a.batch
cosine = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: min(1, (i + 1) / 300) * .5 * (1 + math.cos(math.pi * min(1, i / (a.epochs * steps)))))


@torch.no_grad()
def report(x):
    s = net.encode(x).round(); seen = (net.decode(s).clamp(0, 1) * 255).round() / 255
    return -10 * math.log10(((seen - x) ** 2).mean()), (prior.bits(s).sum(1).mean() / 8).item()


for epoch in range(a.epochs):
    order = torch.randperm(len(train))
    for i in range(steps):
        x = train[order[i * a.batch:(i + 1) * a.batch]]
        y = net.encode(x); y = y + torch.rand_like(y) - .5
        loss = prior.bits(y).sum(1).mean() / pixels + a.lam * ((net.decode(y) - x) ** 2).mean()
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.); opt.step(); cosine.step()
    psnr, size = report(test)
    if psnr >= a.psnr and size <= a.bytes: break
print(json.dumps({'seconds': time.time() - start, 'epochs': epoch + 1, 'psnrDb': psnr, 'idealBytes': size}))
