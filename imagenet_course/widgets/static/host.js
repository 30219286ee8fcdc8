/** Brings the widgets of a static page to life: no server, no kernel, no module loading. */

/** The part of an anywidget model that the widgets use, over a plain state. */
function createModel(state) {
  const listeners = new Map();
  const emit = (event, ...details) => listeners.get(event)?.forEach((f) => f(...details));
  const model = {
    get: (key) => state[key],
    set(key, value) {
      if (state[key] === value) return;
      state[key] = value;
      emit(`change:${key}`, model, value);
      emit("change", model);
    },
    save_changes() {},
    send() {},
    on(event, callback) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(callback);
    },
    off(event, callback) {
      if (callback) listeners.get(event)?.delete(callback);
      else listeners.delete(event);
    },
  };
  return model;
}

/** Renders every `.course-widget` of the page whose module is among `widgets`. */
export function hydrate(widgets) {
  for (const el of document.querySelectorAll(".course-widget[data-module]")) {
    const widget = widgets[el.dataset.module];
    const state = el.querySelector('script[type="application/json"]');
    if (!widget || !state) continue; // the picture that stands in for the widget stays
    const model = createModel(JSON.parse(state.textContent));
    el.replaceChildren();
    widget.render({ model, el });
  }
}
