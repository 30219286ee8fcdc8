"""The papers of the story, with what each brought, in the words of this course."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper by the name it goes by; authors, title and address are its source's."""

    name: str
    brought: str
    source: str
    """Key in references.bib."""


PAPERS: tuple[Paper, ...] = (
    Paper(
        "Neocognitron",
        "Alternating layers that detect and that tolerate shift",
        "fukushima1980neocognitron",
    ),
    Paper(
        "Zip codes", "Convolutional weights learned by backpropagation", "lecun1989backpropagation"
    ),
    Paper("LSTM", "Gated memory cells for recurrent networks", "hochreiter1997long"),
    Paper(
        "LeNet-5", "A convolutional network trained end to end reads digits", "lecun1998gradient"
    ),
    Paper(
        "80 Million Tiny Images",
        "How far nearest neighbors go with enough images",
        "torralba2008million",
    ),
    Paper(
        "ImageNet",
        "Millions of photographs, sorted along WordNet by paid workers",
        "deng2009imagenet",
    ),
    Paper(
        "AlexNet", "A deep network on two GPUs wins the challenge of 2012", "krizhevsky2012imagenet"
    ),
    Paper(
        "ZFNet",
        "Pictures of what the layers respond to, and a better network from them",
        "zeiler2014visualizing",
    ),
    Paper("VGG", "Depth from nothing but 3×3 filters", "simonyan2015very"),
    Paper("GoogLeNet", "Inception modules: 22 layers at a small cost", "szegedy2015going"),
    Paper(
        "Batch normalization",
        "Normalizing each channel over the batch lets deep networks train",
        "ioffe2015batch",
    ),
    Paper("PReLU", "Initialization for rectifiers; below the human's 5.1 %", "he2015delving"),
    Paper(
        "ILSVRC",
        "How the challenge was made, five years of results, a human baseline",
        "russakovsky2015imagenet",
    ),
    Paper("ResNet", "Shortcuts let 152 layers train; depth alone did not", "he2016deep"),
    Paper(
        "CAM",
        "Classifiers localize what they name without being told where it is",
        "zhou2016learning",
    ),
    Paper("DenseNet", "Every layer reads all earlier ones", "huang2017densely"),
    Paper(
        "JFT-300M", "Accuracy grows with the logarithm of the number of images", "sun2017revisiting"
    ),
    Paper("SENet", "Channels weighted by what the whole image shows", "hu2018squeeze"),
    Paper(
        "ImageNetV2", "On a new test set accuracies fall by 11 to 14 points", "recht2019imagenet"
    ),
    Paper("ReaL", "New, multiple labels for the validation images", "beyer2020done"),
    Paper(
        "Fairer data sets",
        "What is wrong with the people subtree, and a start at mending it",
        "yang2020towards",
    ),
    Paper(
        "Label errors",
        "At least 6 % of the validation labels are estimated to be wrong",
        "northcutt2021pervasive",
    ),
    Paper(
        "ViT", "A transformer on patches of the image, given enough images", "dosovitskiy2021image"
    ),
    Paper("Face obfuscation", "Obscured faces cost at most one point of accuracy", "yang2022study"),
)
