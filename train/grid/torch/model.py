"""The grid codec's networks in PyTorch: the architecture of train/grid, for a GPU without tfjs.

A level codes a picture x [B,3,H,W] (H and W multiples of 16) given its quarter-size known version [B,3,H/4,W/4].
192 numbers a 16x16 block hold what the upsampled known picture lacks.
"""
import math
import torch, torch.nn as nn, torch.nn.functional as F

C = 192  # latent channels: three layers of 64
FEATURES = 40
CELL, AROUND_CELL = 4, 2
UNIT = 4 / 255
COARSE_STEP = UNIT * 2 ** 7  # from here on every picture is restored; half an octave earlier in training


def upsample4(known):
    return F.interpolate(known.float(), scale_factor=4, mode='bilinear', align_corners=False)


class Encoder(nn.Module):
    """576 MAC per pixel."""
    def __init__(s):
        super().__init__()
        s.linear = nn.Conv2d(768, C, 1, bias=False)
        s.lowest = nn.Conv2d(768, C, 1, bias=False)  # of the lowest level, which starts from a preview

    def forward(s, residual, lowest=False):
        return (s.lowest if lowest else s.linear)(F.pixel_unshuffle(residual, 16))


class Decoder(nn.Module):
    """576 MAC per pixel over mostly zeros; 3.3 thousand more if the picture is restored, cell by cell."""
    def __init__(s):
        super().__init__()
        s.linear = nn.Conv2d(C, 768, 1, bias=False)
        s.lowest = nn.Conv2d(C, 768, 1, bias=False)
        s.first = nn.Conv2d(3, FEATURES, CELL + 2 * AROUND_CELL, CELL)
        s.second = nn.Conv2d(FEATURES, FEATURES, 3, 1, 1)
        s.third = nn.Conv2d(FEATURES, FEATURES, 3, 1, 1)
        s.fourth = nn.Conv2d(FEATURES, FEATURES, 3, 1, 1)
        s.last = nn.Conv2d(FEATURES, 3 * CELL * CELL, 1)
        s.steps = nn.Conv2d(2, FEATURES, 1, bias=False)  # of the log steps of this level and of the known picture
        for zero in (s.last.weight, s.last.bias, s.steps.weight): nn.init.zeros_(zero)

    def draw(s, r, up, lowest=False):
        return up + F.pixel_shuffle((s.lowest if lowest else s.linear)(r), 16).float()

    def restore(s, drawn, log_step, log_known_step):
        around = F.pad(drawn - .5, [AROUND_CELL] * 4, mode='replicate')
        h = F.relu(s.first(around) + s.steps(torch.stack([log_step, log_known_step], 1)[:, :, None, None]))
        for layer in (s.second, s.third, s.fourth): h = h + F.relu(layer(h))
        return drawn + F.pixel_shuffle(s.last(h).float(), CELL)


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
        super().__init__(); s.enc = Encoder(); s.dec = Decoder(); s.rate = RateModel(); s.rate_lowest = RateModel()

    def set_linear(s, basis):
        """basis [C,768]: the KLT of residual blocks, in pixel_unshuffle's order of channels."""
        for one in (s.enc.linear, s.enc.lowest): one.weight.data = basis.view(C, 768, 1, 1).clone()
        for one in (s.dec.linear, s.dec.lowest): one.weight.data = basis.t().contiguous().view(768, C, 1, 1).clone()


RECON = 0.45  # where in [0,1) of a quantization interval a value is put


def quantize(r, step):
    """Floor with a dead zone of two steps, as the bit planes of the embedded code do."""
    q = torch.floor(r.abs() / step)
    return torch.sign(r) * torch.where(q > 0, (q + RECON) * step, torch.zeros_like(r))


# Ottosson 2020: linear RGB -> cones -> OKLab
TO_CONES = [[.4122214708, .5363325363, .0514459929], [.2119034982, .6806995451, .1073969566], [.0883024619, .2817188376, .6299787005]]
TO_LAB = [[.2104542553, .7936177850, -.0040720468], [1.9779984951, -2.4285922050, .4505937099], [.0259040371, .7827717662, -.8086757660]]


class Eyes(nn.Module):
    """Squared error in OKLab, summed over channels, the chroma weighed up; about as large as that of RGB."""
    def __init__(s, chroma=4.):
        super().__init__()
        s.register_buffer('to_cones', torch.tensor(TO_CONES)); s.register_buffer('to_lab', torch.tensor(TO_LAB))
        s.register_buffer('weights', torch.tensor([1., chroma, chroma]).view(1, 3, 1, 1))

    def oklab(s, x):
        x = x.clamp(0, 1)
        linear = torch.where(x <= .04045, x / 12.92, ((x.clamp_min(.04045) + .055) / 1.055) ** 2.4)
        cones = torch.einsum('ij,bjhw->bihw', s.to_cones, linear).clamp_min(1e-5) ** (1 / 3)
        return torch.einsum('ij,bjhw->bihw', s.to_lab, cones)

    def forward(s, y, x):
        """-> [B,H,W]"""
        error = (s.weights * (s.oklab(y) - s.oklab(x)) ** 2).sum(1)
        return 4.2 * error + ((y - y.clamp(0, 1)) ** 2).sum(1)
