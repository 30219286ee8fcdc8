import { sum } from "./numbers.js";

/** The arithmetic of softmax and cross-entropy, as in `imagenet_course.layers`, for one image. */

/** (z + c) / T for every logit z: what goes into the softmax. */
export const scaled = ({ logits, constant, temperature }) =>
  logits.map((z) => (z + constant) / temperature);

/** x − max(x): the same softmax, and no exponent above zero. */
export function shifted(x) {
  const highest = Math.max(...x);
  return x.map((value) => value - highest);
}

/** e^x as the definition has it: infinite above 709.78, zero below −745.13. */
export function exponentials(x) {
  const e = x.map(Math.exp);
  return { e, total: sum(e) };
}

/** e^x / Σ e^x, after the largest x has been subtracted. */
export function softmax(x) {
  const { e, total } = exponentials(shifted(x));
  return e.map((value) => value / total);
}

/** −log softmax(x)[target] = log Σ e^x − x[target], finite even where softmax rounds to 0. */
export function crossEntropy(x, target) {
  const s = shifted(x);
  return Math.log(exponentials(s).total) - s[target];
}

/** ∂L/∂z = (p − onehot(target)) / T; the 1/T is the inner derivative of z / T. */
export const gradient = (p, target, temperature) =>
  p.map((value, k) => (value - (k === target ? 1 : 0)) / temperature);
