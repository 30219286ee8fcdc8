"""People of the story, each with the page or paper that names them for what they did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Who, what for, and where it says so."""

    name: str
    role: str
    source: str
    """Key in references.bib."""


PEOPLE: tuple[Person, ...] = (
    Person("Kunihiko Fukushima", "Neocognitron", "fukushima1980neocognitron"),
    Person("Yann LeCun", "Convolutional networks trained end to end", "lecun1998gradient"),
    Person("Fei-Fei Li", "Launched ImageNet; senior author of its paper", "li2015teaching"),
    Person("Kai Li", "Launched ImageNet with Fei-Fei Li at Princeton", "li2015teaching"),
    Person("Jia Deng", "First author of the ImageNet paper", "deng2009imagenet"),
    Person("Wei Dong", "Author of the ImageNet paper", "deng2009imagenet"),
    Person("Richard Socher", "Author of the ImageNet paper", "deng2009imagenet"),
    Person("Li-Jia Li", "Author of the ImageNet paper", "deng2009imagenet"),
    Person(
        "Christiane Fellbaum",
        "Named by the ImageNet team among its friends from WordNet",
        "li2010crowdsourcing",
    ),
    Person(
        "Alexander C. Berg", "Named as the boss of the ImageNet challenge", "li2010crowdsourcing"
    ),
    Person("Hao Su", "Graduate student on ImageNet at Stanford", "li2010crowdsourcing"),
    Person("Yuanqing Lin", "First named of NEC-UIUC, winner of ILSVRC 2010", "ilsvrc2010challenge"),
    Person("Florent Perronnin", "XRCE, winner of ILSVRC 2011", "ilsvrc2011challenge"),
    Person("Jorge Sánchez", "XRCE, winner of ILSVRC 2011", "ilsvrc2011challenge"),
    Person("Alex Krizhevsky", "First author of AlexNet", "krizhevsky2012imagenet"),
    Person("Ilya Sutskever", "Author of AlexNet", "krizhevsky2012imagenet"),
    Person("Geoffrey E. Hinton", "Author of AlexNet", "krizhevsky2012imagenet"),
    Person("Karen Simonyan", "First author of VGG", "simonyan2015very"),
    Person("Andrew Zisserman", "Author of VGG", "simonyan2015very"),
    Person("Christian Szegedy", "First author of GoogLeNet", "szegedy2015going"),
    Person(
        "Olga Russakovsky",
        "First author of the account of the challenge",
        "russakovsky2015imagenet",
    ),
    Person(
        "Andrej Karpathy",
        "Sat the test himself: 5.1 % on 1,500 images, after practicing on 500",
        "karpathy2014competing",
    ),
    Person("Kaiming He", "First author of ResNet", "he2016deep"),
    Person("Jie Hu", "First author of SENet, winner of ILSVRC 2017", "hu2018squeeze"),
)
