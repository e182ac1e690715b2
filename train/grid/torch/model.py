"""The grid codec's networks in PyTorch: the architecture of train/grid, for a GPU without tfjs.

A level codes a picture x [B,3,H,W] (H and W multiples of 16) given its quarter-size known version [B,3,H/4,W/4].
192 numbers a 16x16 block hold what the upsampled known picture lacks.
"""
import math
import torch, torch.nn as nn, torch.nn.functional as F

C = 192  # latent channels: three layers of 64
FEATURES = 32
CELL, AROUND_CELL = 4, 2
UNIT = 4 / 255
COARSE_STEP = UNIT * 2 ** 6  # from here on the decoder has its restoration network; half an octave earlier in training


def upsample4(known):
    return F.interpolate(known.float(), scale_factor=4, mode='bilinear', align_corners=False)


class Encoder(nn.Module):
    """576 MAC per pixel."""
    def __init__(s):
        super().__init__()
        s.linear = nn.Conv2d(768, C, 1, bias=False)

    def forward(s, residual):
        return s.linear(F.pixel_unshuffle(residual, 16))


class Decoder(nn.Module):
    """576 MAC per pixel over mostly zeros; 1.6 thousand more for a coarsely quantized picture, cell by cell."""
    def __init__(s):
        super().__init__()
        s.linear = nn.Conv2d(C, 768, 1, bias=False)
        s.first = nn.Conv2d(3, FEATURES, CELL + 2 * AROUND_CELL, CELL)
        s.second = nn.Conv2d(FEATURES, FEATURES, 3, 1, 1)
        s.third = nn.Conv2d(FEATURES, FEATURES, 3, 1, 1)
        s.last = nn.Conv2d(FEATURES, 3 * CELL * CELL, 1)
        s.steps = nn.Conv2d(2, FEATURES, 1, bias=False)  # of the log steps of this level and of the known picture
        for zero in (s.last.weight, s.last.bias, s.steps.weight): nn.init.zeros_(zero)

    def forward(s, r, up, log_step, log_known_step):
        drawn = up + F.pixel_shuffle(s.linear(r), 16)
        coarse = (log_step > math.log(COARSE_STEP / 2 ** .5)).view(-1, 1, 1, 1)
        return torch.where(coarse, s.restore(drawn, log_step, log_known_step), drawn)

    def restore(s, drawn, log_step, log_known_step):
        around = F.pad(drawn - .5, [AROUND_CELL] * 4, mode='replicate')
        h = F.relu(s.first(around) + s.steps(torch.stack([log_step, log_known_step], 1)[:, :, None, None]))
        h = h + F.relu(s.second(h))
        h = h + F.relu(s.third(h))
        return drawn + F.pixel_shuffle(s.last(h), CELL)


class RateModel(nn.Module):
    """Only for training: a Laplace distribution per latent, its log scale linear in what a decoder would know."""
    def __init__(s):
        super().__init__()
        s.bias = nn.Parameter(torch.linspace(0, -4, C))
        s.step = nn.Parameter(-torch.ones(C))
        s.channels = nn.Parameter(torch.zeros(C, C, 1, 1))
        s.space = nn.Parameter(torch.zeros(C, C, 3, 3))
        s.activity = nn.Parameter(torch.zeros(C, 1, 3, 3))
        s.register_buffer('before', torch.tril(torch.ones(C, C), -1).view(C, C, 1, 1))
        m = torch.zeros(3, 3); m[0] = 1; m[1, 0] = 1
        s.register_buffer('causal', m.view(1, 1, 3, 3))

    def bits(s, r, known, log_step):
        """r [B,C,h,w] in steps, with noise -> bits a sample of the batch"""
        u = torch.log1p(F.relu(r.abs() - .5))
        act = (known - F.avg_pool2d(known, 3, 1, 1, count_include_pad=False)).abs().mean(1, keepdim=True)
        act = torch.log(F.avg_pool2d(act, 4) + .002) + 4
        ls = (s.bias.view(1, C, 1, 1) + s.step.view(1, C, 1, 1) * (log_step.view(-1, 1, 1, 1) + 2)
              + F.conv2d(u, s.channels * s.before) + F.conv2d(u, s.space * s.causal, padding=1)
              + F.conv2d(act, s.activity, padding=1)).float().clamp(-6, 8)
        inv = torch.exp(-ls)
        a = r.abs().float()
        cdf = lambda t: torch.where(t < 0, .5 * torch.exp((t * inv).clamp(max=0)), 1 - .5 * torch.exp((-t * inv).clamp(max=0)))
        p = cdf(a + .5) - cdf(a - .5)
        return -torch.log2(p.clamp_min(1e-7)).sum((1, 2, 3))


class Codec(nn.Module):
    def __init__(s):
        super().__init__(); s.enc = Encoder(); s.dec = Decoder(); s.rate = RateModel()

    def set_linear(s, basis):
        """basis [C,768]: the KLT of residual blocks, in pixel_unshuffle's order of channels."""
        s.enc.linear.weight.data = basis.view(C, 768, 1, 1).clone()
        s.dec.linear.weight.data = basis.t().contiguous().view(768, C, 1, 1).clone()


RECON = 0.45  # where in [0,1) of a quantization interval a value is put


def quantize(r, step):
    """Floor with a dead zone of two steps, as the bit planes of the embedded code do."""
    q = torch.floor(r.abs() / step)
    return torch.sign(r) * torch.where(q > 0, (q + RECON) * step, torch.zeros_like(r))


def dct_matrix(n):
    k = torch.arange(n).float()
    m = torch.cos(math.pi / n * (k[None] + .5) * k[:, None]) * math.sqrt(2 / n)
    m[0] /= math.sqrt(2)
    return m


YCC = [[.299, .587, .114], [-.169, -.331, .5], [.5, -.419, -.081]]


class Preview(nn.Module):
    """Simulates what a preview of some 28 bytes shows of x16 [B,3,16,16]: a few coarse DCT coefficients."""
    def __init__(s):
        super().__init__()
        t = torch.tensor(YCC); k = torch.arange(16).float()
        s.register_buffer('dct', dct_matrix(16)); s.register_buffer('ycc', t); s.register_buffer('rgb', torch.linalg.inv(t))
        s.register_buffer('coarse', torch.tensor([1., 2., 2.]).view(1, 3, 1, 1))
        s.register_buffer('share', torch.tensor([1., .6, .6]).view(1, 3, 1, 1))
        s.register_buffer('uv', (k[:, None] + k[None]).view(1, 1, 16, 16))

    def forward(s, x16):
        y = torch.einsum('ij,bjhw->bihw', s.ycc, x16 - .5)
        c = s.dct @ y @ s.dct.t()
        draw = lambda lo, hi: torch.empty(x16.shape[0], 1, 1, 1, device=x16.device).uniform_(lo, hi)
        q = torch.exp(draw(math.log(18), math.log(64))) / 255 * s.coarse
        c = torch.sign(c) * torch.floor(c.abs() / q + .35) * q * (s.uv < draw(5, 16) * s.share)
        return (torch.einsum('ij,bjhw->bihw', s.rgb, s.dct.t() @ c @ s.dct) + .5).clamp(0, 1)
