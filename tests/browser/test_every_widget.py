"""What every widget owes its reader, whatever it shows."""

import pytest

from imagenet_course import widgets

# Each in a state that takes much room.
WIDGETS = {
    "ConsensusExplorer": {},
    "ConvolutionExplorer": {"kernel": "Gaussian blur 5 × 5", "image": "cat"},
    "Ledger": {},
    "PoolingExplorer": {"image": "cat"},
    "SoftmaxExplorer": {"classes": ["tiger cat", "golden retriever", "Egyptian cat"]},
    "StackCalculator": {"network": "VGG-16"},
    "Timeline": {"since": 2009},
}
LIVE_ONLY = {"TrainingMonitor"}  # in a page it is a picture


def create(name):
    return getattr(widgets, name)(**WIDGETS[name])


def test_no_widget_is_forgotten():
    assert WIDGETS.keys() | LIVE_ONLY == set(widgets.__all__)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", WIDGETS)
def test_it_fits_a_phone_in_both_color_schemes(open_widget, phone, name, theme):
    opposite = {"light": "dark", "dark": "light"}[theme]  # the page's choice wins
    context = {"viewport": phone, "color_scheme": opposite}
    page = open_widget(create(name), theme=theme, context=context).page
    for button in page.get_by_role("button", name="Open all").all():
        button.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
    assert is_light(page) == (theme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_reader_where_the_page_has_no_scheme(open_widget, scheme):
    page = open_widget(
        create("ConvolutionExplorer"), theme="", context={"color_scheme": scheme}
    ).page
    assert is_light(page) == (scheme == "light")


@pytest.mark.parametrize("name", WIDGETS)
def test_its_controls_have_names_and_motion_can_be_reduced(open_widget, name):
    page = open_widget(create(name), context={"reduced_motion": "reduce"}).page
    controls = page.locator(".cw").locator("select, input, button, [role=grid]")
    assert controls.count()
    for control in controls.all():
        label = control.evaluate(
            "el => el.ariaLabel || [...(el.labels ?? [])].map((l) => l.textContent).join('')"
            " || el.textContent"
        )
        assert label.strip(), control.evaluate("el => el.outerHTML")
        assert control.evaluate("el => getComputedStyle(el).transitionDuration") == "0s"


def is_light(page):
    color = page.locator(".cw").evaluate("el => getComputedStyle(el).backgroundColor")
    return sum(int(channel) for channel in color[4:-1].split(",")) > 3 * 127
