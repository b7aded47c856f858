"""Inputs that packages ship: scikit-learn's digits and sample images, and the text of Python's standard library."""

import collections
import functools
import inspect
import re
import textwrap

import numpy
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits, load_sample_images

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


def digits(examples):
    """Digits as [examples, 64], each pixel with mean 0 and the whole with variance 1, and their labels."""
    data = load_digits()
    pixels = torch.tensor(data.data, dtype=torch.float32)
    pixels = (pixels - pixels.mean(0)) / pixels.std()
    chosen = torch.randperm(len(pixels))[:examples]
    return pixels[chosen], torch.tensor(data.target)[chosen]


def raw_digits(examples):
    """Digits as numbers from 0 to 255, [examples, 64], and their labels."""
    data = load_digits()
    chosen = torch.randperm(len(data.data))[:examples]
    return torch.tensor(data.data, dtype=torch.float32)[chosen] * (255 / 16), torch.tensor(data.target)[chosen]


def digit_images(examples, size=32):
    """Digits as images [examples, 1, size, size] with mean 0 and variance 1, and their labels."""
    pixels, labels = digits(examples)
    images = F.interpolate(pixels.reshape(-1, 1, 8, 8), size=(size, size), mode="bilinear")
    return (images - images.mean()) / images.std(), labels


def photos(examples, size, classes=10):
    """Crops of two photographs, [examples, 3, size, size], normalised as ImageNet's; stripes are the classes."""
    pictures = _pictures()
    crops, labels = [], []
    for _ in range(examples):
        which = int(torch.randint(len(pictures), ()))
        side = int(torch.randint(size, 2 * size, ()))
        _, height, width = pictures[which].shape
        top, left = (int(torch.randint(n - side, ())) for n in (height, width))
        crop = pictures[which][:, top : top + side, left : left + side]
        crops.append(F.interpolate(crop[None], size=(size, size), mode="bilinear")[0])
        labels.append(which * (classes // 2) + left * (classes // 2) // width)
    return torch.stack(crops), torch.tensor(labels)


def raw_photos(examples, size):
    """The same crops as numbers from 0 to 255, as a program that forgets to normalise has them."""
    images, labels = photos(examples, size)
    return (images * STD.reshape(3, 1, 1) + MEAN.reshape(3, 1, 1)) * 255, labels


def pixels_of_a_photo(points):
    """Coordinates in −1..1, [points, 2], and the colours there, [points, 3] in −1..1."""
    picture = _pictures()[1] * STD.reshape(3, 1, 1) + MEAN.reshape(3, 1, 1)
    places = torch.rand(points, 2)
    rows, columns = ((places[:, i] * (picture.shape[1 + i] - 1)).round().long() for i in (0, 1))
    return places * 2 - 1, picture[:, rows, columns].T * 2 - 1


def byte_text(examples, length):
    """Pieces of source code as bytes, [examples, length]."""
    text = torch.tensor(list(_source().encode()))
    return _pieces(text, examples, length)


def word_text(examples, length, vocabulary=1000):
    """Pieces of source code as the numbers of its most frequent words; 1 is any other word.

    0 never occurs: it is the padding, whose row of an embedding is zero, and a norm enlarges the gradient of zeros.
    """
    words = re.findall(r"\w+|[^\w\s]", _source())
    common = [word for word, _ in collections.Counter(words).most_common(vocabulary - 2)]
    numbers = {word: i + 2 for i, word in enumerate(common)}
    return _pieces(torch.tensor([numbers.get(word, 1) for word in words]), examples, length)


def _pieces(text, examples, length):
    starts = torch.randint(len(text) - length, (examples,))
    return torch.stack([text[start : start + length] for start in starts])


@functools.cache
def _source():
    modules = (textwrap, collections, inspect, functools)
    return "\n".join(inspect.getsource(module) for module in modules)


@functools.cache
def _pictures():
    """The photographs as [3, height, width], normalised."""
    images = [torch.tensor(numpy.array(image)).permute(2, 0, 1) / 255 for image in load_sample_images().images]
    return [(image - MEAN.reshape(3, 1, 1)) / STD.reshape(3, 1, 1) for image in images]
