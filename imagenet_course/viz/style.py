"""The book's one figure style: color-blind safe, readable on a white card in both color schemes."""

import matplotlib as mpl
from cycler import cycler

# The palette of Okabe and Ito, "Color Universal Design" (2008), distinguishable by readers with
# any common color vision; yellow is left out because it vanishes on white.
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "black": "#222222",
}

# Values around zero, such as filter weights: blue below, white at zero, vermilion above.
DIVERGING = mpl.colors.LinearSegmentedColormap.from_list(
    "course_diverging", [COLORS["blue"], "#FFFFFF", COLORS["vermilion"]]
)


def use_style() -> None:
    """Set matplotlib's defaults for every figure drawn from here on."""
    if "course_diverging" not in mpl.colormaps:
        mpl.colormaps.register(DIVERGING)
    mpl.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": "#666666",
            "axes.grid": False,
            "axes.labelcolor": COLORS["black"],
            "axes.prop_cycle": cycler(color=list(COLORS.values())),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "axes.titleweight": "bold",
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "figure.figsize": (7.5, 3.2),
            "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine has it
            "font.size": 9.5,
            "grid.color": "#DDDDDD",
            "image.cmap": "gray",
            "image.interpolation": "nearest",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "xtick.color": "#444444",
            "ytick.color": "#444444",
        }
    )
