/** The settings of a widget: what its controls change and its model holds. */

const PAUSE = 150; // in milliseconds

/**
 * The settings `keys` of `model`. `set(changes)` changes some at once; so does `drag(changes)`,
 * for pointers that cross many values: the kernel, where there is one, hears of the last.
 */
export function settingsOf(model, keys) {
  const state = () => Object.fromEntries(keys.map((key) => [key, model.get(key)]));
  const initial = state();
  const ends = [];
  let saving = 0;

  function assign(changes) {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
  }
  function set(changes) {
    assign(changes);
    model.save_changes();
  }
  function drag(changes) {
    assign(changes);
    clearTimeout(saving);
    saving = setTimeout(() => model.save_changes(), PAUSE);
  }
  const reset = () => set(initial);

  /** Calls `update` when a setting changes; `others` has what to call instead, by key. */
  function onChange(update, others = {}) {
    const reactions = { ...Object.fromEntries(keys.map((key) => [key, update])), ...others };
    for (const [key, react] of Object.entries(reactions)) {
      model.on(`change:${key}`, react);
      ends.push(() => model.off(`change:${key}`, react));
    }
  }
  /** Calls `draw` when the size of `element` changes. */
  function onResize(element, draw) {
    const watcher = new ResizeObserver(draw);
    watcher.observe(element);
    ends.push(() => watcher.disconnect());
  }
  /** Ends all of this, when the widget leaves the page. */
  function stop() {
    clearTimeout(saving);
    for (const end of ends) end();
  }
  return { state, set, drag, reset, onChange, onResize, stop };
}
