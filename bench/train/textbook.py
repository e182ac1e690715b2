"""The textbook autoencoder in PyTorch (784-256-128-64 and back, ReLU, sigmoid, MSE, Adam 1e-3): seconds per epoch.

    python textbook.py --data FOLDER_WITH_IDX_FILES --weights FILE --batch 64 --epochs 3 --losses 20

Starts from the weights that textbook.ts wrote (float32, in layer order, kernels [in, out]), so that both sides train
the same network. Prints one JSON line: the first losses, on the images in file order, and the seconds of each epoch.
"""
import argparse, json, pathlib, time
import numpy as np, torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument('--data', required=True); p.add_argument('--weights', required=True)
p.add_argument('--batch', type=int, default=64); p.add_argument('--epochs', type=int, default=3); p.add_argument('--losses', type=int, default=20)
a = p.parse_args()

train = torch.from_numpy(np.frombuffer((pathlib.Path(a.data) / 'train-images-idx3-ubyte').read_bytes()[16:], np.uint8).reshape(-1, 784).astype(np.float32) / 255)
widths = [784, 256, 128, 64, 128, 256, 784]
layers = [nn.Linear(i, o) for i, o in zip(widths, widths[1:])]
net = nn.Sequential(*[m for layer in layers for m in (layer, nn.ReLU())][:-1], nn.Sigmoid())
flat, at = torch.from_numpy(np.fromfile(a.weights, np.float32)), 0
with torch.no_grad():
    for layer in layers:
        o, i = layer.weight.shape
        layer.weight.copy_(flat[at:at + i * o].view(i, o).T); at += i * o
        layer.bias.copy_(flat[at:at + o]); at += o
start = {k: v.clone() for k, v in net.state_dict().items()}


def step(opt, x):
    loss = nn.functional.mse_loss(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
    return loss


opt = torch.optim.Adam(net.parameters(), 1e-3)
losses = [step(opt, train[i * a.batch:(i + 1) * a.batch]).item() for i in range(a.losses)]
net.load_state_dict(start)
opt = torch.optim.Adam(net.parameters(), 1e-3)
seconds = []
for epoch in range(a.epochs):
    began, order = time.perf_counter(), torch.randperm(len(train))
    for i in range(len(train) // a.batch): step(opt, train[order[i * a.batch:(i + 1) * a.batch]])
    seconds.append(time.perf_counter() - began)
print(json.dumps({'losses': losses, 'secondsPerEpoch': seconds, 'threads': torch.get_num_threads(), 'version': torch.__version__}))
