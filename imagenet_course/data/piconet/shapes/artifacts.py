"""Artifacts: tools, vehicles, vessels, buildings, devices."""

import numpy as np

from imagenet_course.data.piconet.sdf import (
    blend,
    box,
    convex,
    cut,
    disk,
    ellipse,
    intersection,
    regular,
    ring,
    stroke,
    turn,
    union,
)

# --- tools ----------------------------------------------------------------------------------


def hammer(x, y, v):
    handle = box(x, y, 0.12, 0.78, 0.0, -0.2, corner=0.06)
    head = box(x, y, 0.42, 0.2, 0.12, 0.66)
    claw = convex(x, y, (-0.72, 0.4), (-0.28, 0.46), (-0.28, 0.86), (-0.5, 0.78))
    metal = union(head, claw)
    return union(handle, metal), metal


def wrench(x, y, v):
    x, y = turn(x, y, -0.09)
    jaw = cut(disk(x, y, 0.4, 0.0, 0.62), box(x, y, 0.15, 0.3, 0.0, 0.86))
    eye = cut(disk(x, y, 0.28, 0.0, -0.74), regular(x, y + 0.74, 6, 0.15))
    return union(jaw, eye, box(x, y, 0.14, 0.6, 0.0, -0.1))


def key(x, y, v):
    bow = ring(x, y, 0.3, 0.22, -0.54, 0.0)
    blade = box(x, y, 0.58, 0.1, 0.4, 0.0)
    bits = union(
        box(x, y, 0.09, 0.2, 0.86, -0.18), box(x, y, 0.08, 0.15 + 0.04 * v[0], 0.56, -0.16)
    )
    return union(bow, blade, bits)


def magnifying_glass(x, y, v):
    lens = disk(x, y, 0.48, -0.22, 0.24)
    frame = ring(x, y, 0.52, 0.17, -0.22, 0.24)
    handle = stroke(x, y, [(0.2, -0.18), (0.78, -0.78)], 0.25)
    return union(lens, frame, handle), lens


def pencil(x, y, v):
    x, y = turn(x, y, 0.125)
    wood = convex(x, y, (0.42, -0.21), (0.98, 0.0), (0.42, 0.21))
    shaft = box(x, y, 0.7, 0.21, -0.26, 0.0)
    return union(shaft, wood), union(wood, box(x, y, 0.07, 0.21, -0.7, 0.0))


# --- vehicles -------------------------------------------------------------------------------


def car(x, y, v):
    body = box(x, y, 0.98, 0.26, 0.0, -0.22, corner=0.14)
    cabin = convex(x, y, (-0.66, -0.1), (0.6, -0.1), (0.3, 0.5), (-0.4, 0.5))
    wheels = disk(np.abs(x), y, 0.25, 0.54, -0.48)
    window = convex(np.abs(x + 0.05), y, (0.07, 0.02), (0.46, 0.02), (0.28, 0.38), (0.07, 0.38))
    return union(body, cabin, wheels), union(wheels, window)


def sailboat(x, y, v):
    hull = convex(x, y, (-0.92, -0.42), (-0.56, -0.86), (0.56, -0.86), (0.92, -0.42))
    mainsail = convex(x, y, (0.04, -0.28), (0.76, -0.28), (0.04, 0.96))
    jib = convex(x, y, (-0.62, -0.28), (-0.1, -0.28), (-0.1, 0.66))
    return union(hull, mainsail, jib, box(x, y, 0.05, 0.7, -0.02, 0.1)), hull


def rocket(x, y, v):
    side = np.abs(x)
    body = intersection(disk(side, y, 1.3, -0.96, 0.0), -0.62 - y)
    fins = convex(side, y, (0.2, -0.3), (0.2, -0.62), (0.62, -0.94), (0.62, -0.6))
    flame = convex(x, y, (-0.16, -0.6), (0.0, -1.02), (0.16, -0.6))
    porthole = disk(x, y, 0.16, 0.0, 0.22)
    nose = intersection(body, 0.56 - y)
    return union(body, fins, flame), union(porthole, cut(union(fins, flame), body), nose)


def hot_air_balloon(x, y, v):
    envelope = blend(disk(x, y, 0.66, 0.0, 0.3), disk(x, y, 0.2, 0.0, -0.38), 0.4)
    ropes = stroke(np.abs(x), y, [(0.24, -0.3), (0.13, -0.72)], 0.06)
    basket = box(x, y, 0.2, 0.15, 0.0, -0.82)
    stripe = intersection(envelope, ellipse(x, y, 0.24, 0.9, 0.0, 0.1))
    return union(envelope, ropes, basket), union(stripe, basket)


def airplane(x, y, v):
    side = np.abs(x)
    hull = ellipse(x, y, 0.16, 0.98)
    wings = convex(side, y, (-0.1, -0.06), (0.98, -0.38), (0.98, -0.2), (0.0, 0.4))
    tail = convex(side, y, (-0.1, -0.76), (0.4, -0.96), (0.4, -0.82), (0.0, -0.52))
    return union(hull, wings, tail), hull


# --- vessels --------------------------------------------------------------------------------


def mug(x, y, v):
    cup = box(x, y, 0.5, 0.66, -0.2, 0.0, corner=0.12)
    handle = ring(x, y, 0.34, 0.17, 0.36, 0.02)
    band = intersection(cup, np.abs(y) - 0.13)
    return union(cup, cut(handle, cup)), band


def bottle(x, y, v):
    body = box(x, y, 0.38, 0.6, 0.0, -0.36, corner=0.12)
    shoulder = blend(body, box(x, y, 0.14, 0.5, 0.0, 0.44), 0.3)
    cap = box(x, y, 0.18, 0.09, 0.0, 0.88)
    label = intersection(box(x, y, 0.5, 0.24, 0.0, -0.42), body)
    return union(shoulder, cap), union(cap, label)


def wineglass(x, y, v):
    bowl = intersection(ellipse(x, y, 0.5, 0.74, 0.0, 0.5), y - 0.9)
    stem = box(x, y, 0.07, 0.5, 0.0, -0.4)
    foot = ellipse(x, y, 0.46, 0.11, 0.0, -0.86)
    wine = intersection(bowl + 0.08, y - 0.42 - 0.1 * v[0])
    return union(bowl, stem, foot), wine


def flask(x, y, v):
    cone = convex(x, y, (-0.78, -0.82), (0.78, -0.82), (0.13, 0.46), (-0.13, 0.46))
    neck = box(x, y, 0.17, 0.4, 0.0, 0.5)
    lip = box(x, y, 0.27, 0.07, 0.0, 0.88, corner=0.05)
    liquid = intersection(cone + 0.08, y + 0.24 - 0.14 * v[0])
    return union(cone, neck, lip), liquid


# --- buildings ------------------------------------------------------------------------------


def house(x, y, v):
    walls = box(x, y, 0.64, 0.46, 0.0, -0.42)
    roof = convex(x, y, (-0.9, 0.0), (0.9, 0.0), (0.0, 0.82))
    chimney = box(x, y, 0.11, 0.3, 0.48, 0.5)
    door = box(x, y, 0.17, 0.28, -0.22, -0.6)
    window = box(x, y, 0.16, 0.16, 0.3, -0.34)
    return union(walls, roof, chimney), union(cut(roof, walls), door, window)


def castle(x, y, v):
    side = np.abs(x)
    towers = box(side, y, 0.25, 0.7, 0.62, -0.16)
    merlons = box(np.abs(side - 0.62), y, 0.1, 0.18, 0.22, 0.6)
    wall = box(x, y, 0.6, 0.5, 0.0, -0.36)
    middle = box(side, y, 0.09, 0.12, 0.15, 0.2)
    gate = union(disk(x, y, 0.2, 0.0, -0.42), box(x, y, 0.2, 0.24, 0.0, -0.64))
    slits = box(side, y, 0.06, 0.15, 0.62, 0.16)
    return union(towers, merlons, wall, middle), union(gate, slits)


def tent(x, y, v):
    canvas = convex(x, y, (-0.96, -0.66), (0.96, -0.66), (0.0, 0.74))
    poles = stroke(np.abs(x), y, [(0.0, 0.68), (0.14, 0.94)], 0.1)
    flap = convex(x, y, (-0.3, -0.66), (0.3, -0.66), (0.0, 0.3))
    return union(canvas, poles), flap


# --- devices --------------------------------------------------------------------------------


def bell(x, y, v):
    dome = disk(x, y, 0.46, 0.0, 0.38)
    skirt = convex(x, y, (-0.82, -0.58), (0.82, -0.58), (0.46, 0.4), (-0.46, 0.4))
    flare = cut(skirt, disk(np.abs(x), y, 0.5, 1.02, 0.06))
    clapper = disk(x, y, 0.19, 0.0, -0.7)
    knob = disk(x, y, 0.13, 0.0, 0.88)
    band = intersection(flare, np.abs(y + 0.4) - 0.07)
    return union(dome, flare, clapper, knob), union(cut(clapper, flare), band)


def umbrella(x, y, v):
    dome = intersection(disk(x, y, 0.95, 0.0, -0.1), -0.04 - y)
    scallops = disk(np.abs(np.abs(x) - 0.475), y, 0.3, 0.16, -0.16)
    dome = cut(dome, scallops)
    shaft = box(x, y, 0.06, 0.44, 0.0, -0.3)
    crook = intersection(ring(x, y, 0.17, 0.12, 0.17, -0.74), y + 0.74)
    return union(dome, shaft, crook), cut(union(shaft, crook), dome)


def light_bulb(x, y, v):
    glass = blend(disk(x, y, 0.6, 0.0, 0.34), box(x, y, 0.26, 0.2, 0.0, -0.32), 0.3)
    base = box(x, y, 0.28, 0.22, 0.0, -0.66, corner=0.06)
    tip = disk(x, y, 0.14, 0.0, -0.84)
    filament = stroke(np.abs(x), y, [(0.1, -0.4), (0.2, 0.28), (0.0, 0.1)], 0.07)
    return union(glass, base, tip), union(base, tip, filament)


def anchor(x, y, v):
    eye = ring(x, y, 0.17, 0.12, 0.0, 0.78)
    shank = box(x, y, 0.09, 0.74, 0.0, -0.12)
    stock = box(x, y, 0.42, 0.08, 0.0, 0.42)
    arms = intersection(ring(x, y, 0.72, 0.18, 0.0, -0.14), y + 0.22)
    flukes = convex(np.abs(x), y, (0.46, -0.34), (0.98, -0.34), (0.76, 0.08))
    return union(eye, shank, stock, arms, flukes)
