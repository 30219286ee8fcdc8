"""The book's one figure style: color-blind safe, readable on a white card in both color schemes."""

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager

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


# What Linux, macOS and Windows bring for Chinese, Japanese and Korean, which class names may be in.
OTHER_SCRIPTS = (
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "PingFang SC",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
)


def _other_scripts() -> list[str]:
    """Those of `OTHER_SCRIPTS` that are here; DejaVu Sans comes with matplotlib, and lacks them."""
    here = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in OTHER_SCRIPTS if name in here]


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
            "font.family": ["DejaVu Sans", *_other_scripts()],
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
