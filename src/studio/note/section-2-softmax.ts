// Section 2 of the note up to S(z) − y, as printed.
import type { Block } from "./note-blocks.ts";

const rest = String.raw`\Big(\exp(z_k) + \sum_{j \neq k}^{C} \exp(z_j)\Big)`;
const restOfI = String.raw`\Big(\exp(z_i) + \sum_{j \neq i}^{C} \exp(z_j)\Big)`;
const total = String.raw`\sum_{j=1}^{C} \exp(z_j)`;

export const SECTION_2_SOFTMAX: readonly Block[] = [
  { kind: "heading", text: "2 Finding Gradients" },
  {
    kind: "prose",
    text: String.raw`To take the gradient with respect to the logits (the output vector $f(x)$) we need to first explore the derivative with respect to the softmax of a vector. Define a vector $z = \begin{bmatrix} z_1 & z_2 & \dots & z_C \end{bmatrix}$ to be vector of logits for a discrete probability distribution. We can then define the softmax as,`,
  },
  { kind: "equation", id: "E3" },
  { kind: "prose", text: "Which has a vector valued output. Taking the partial with respect to an arbitrary $z_k$," },
  {
    kind: "steps",
    spoken: "∂S_i/∂z_k, with the sum in the denominator split into exp(z_k) and the rest",
    latex: String.raw`\begin{aligned} \frac{\partial S_i}{\partial z_k} &= \frac{\partial}{\partial z_k} \frac{\exp(z_i)}{${total}} \\ &= \frac{\partial}{\partial z_k} \frac{\exp(z_i)}{\exp(z_k) + \sum_{j \neq k}^{C} \exp(z_j)} \\ &= \frac{\partial}{\partial z_k} \exp(z_i)\, ${rest}^{-1} \end{aligned}`,
  },
  { kind: "prose", text: String.raw`Now there are two cases, starting with the first of $i \neq k$,` },
  {
    kind: "steps",
    spoken: "the quotient rule for i ≠ k: minus exp(z_i) exp(z_k) over the square of the sum",
    latex: String.raw`\begin{aligned} \frac{\partial S_i}{\partial z_k} &= \frac{\partial}{\partial z_k} \exp(z_i)\, ${rest}^{-1} \\ &= 0\, ${rest}^{-1} - \exp(z_i) \exp(z_k)\, ${rest}^{-2} \\ &= -\exp(z_i) \exp(z_k) \Big(${total}\Big)^{-2} \\ &= -\frac{\exp(z_i)}{${total}}\, \frac{\exp(z_k)}{${total}} \end{aligned}`,
  },
  { kind: "equation", id: "E4" },
  { kind: "prose", text: "Now for $i = k$," },
  {
    kind: "steps",
    spoken: "the quotient rule for i = k: S_i minus S_i squared",
    latex: String.raw`\begin{aligned} \frac{\partial S_i}{\partial z_i} &= \frac{\partial}{\partial z_i} \exp(z_i)\, ${restOfI}^{-1} \\ &= \exp(z_i)\, ${restOfI}^{-1} - \exp(z_i) \exp(z_i)\, ${restOfI}^{-2} \\ &= \frac{\exp(z_i)}{${total}} - \frac{\exp(z_i)^2}{\big(${total}\big)^2} \\ &= S_i - S_i^2 \end{aligned}`,
  },
  { kind: "equation", id: "E5" },
  {
    kind: "prose",
    text: String.raw`We can now use the multivariate chain rule for our row vector gradient case $\frac{\partial l}{\partial z} = \frac{\partial l}{\partial S(z)} \frac{\partial S(z)}{\partial z}$. We can now find the components of this,`,
  },
  {
    kind: "steps",
    spoken: "each component of ∂l/∂S: the derivative of minus the sum of y_i log S_i with respect to one S_i",
    latex: String.raw`\begin{aligned} \frac{\partial l}{\partial S(z)} &= \class{bracketed}{\begin{matrix} \dfrac{\partial}{\partial S_1(z)} - \displaystyle\sum_{i=1}^{C} y_i \log(S_i(z)) & \dots & \dfrac{\partial}{\partial S_C(z)} - \displaystyle\sum_{i=1}^{C} y_i \log(S_i(z)) \end{matrix}} \\ &= -\class{bracketed}{\begin{matrix} \dfrac{\partial}{\partial S_1(z)} \Big(y_1 \log(S_1(z)) + \displaystyle\sum_{i \neq 1}^{C} y_i \log(S_i(z))\Big) & \dots & \dfrac{\partial}{\partial S_C(z)} \Big(y_C \log(S_C(z)) + \displaystyle\sum_{i \neq C}^{C} y_i \log(S_i(z))\Big) \end{matrix}} \end{aligned}`,
  },
  { kind: "equation", id: "E6" },
  {
    kind: "prose",
    text: "Now for the Jacobian of $S(z)$ we know from the previous parts that the diagonals are $S_i(z)(1-S_i(z))$ and off diagonals are $-S_i(z)S_i(z)$",
    slip: "Off the diagonal it is $-S_i(z)S_j(z)$, as E4 says and as the matrix below has it.",
  },
  {
    kind: "equation",
    id: "E7",
    printed: String.raw`\frac{\partial S(z)}{\partial z} = \class{bracketed}{\begin{matrix} S_1(z)(1 - S_1(z) & \dots & -S_1(z)S_C(z) \\ \vdots & \ddots & \vdots \\ -S_1(z)S_C(z) & \dots & S_C(z)(1 - S_C(z)) \end{matrix}}`,
    slip: "A bracket is missing in the first entry: $S_1(z)(1 - S_1(z))$.",
  },
  { kind: "prose", text: String.raw`We can now put this together to find the $\frac{\partial l}{\partial z}$,` },
  {
    kind: "steps",
    spoken: "the row ∂l/∂S times the Jacobian, multiplied out; the sum of y_i is 1",
    latex: String.raw`\begin{aligned} \frac{\partial l}{\partial z} &= \frac{\partial l}{\partial S(z)} \frac{\partial S(z)}{\partial z} \\ &= -\class{bracketed}{\begin{matrix} \dfrac{y_1}{S_1(z)} & \cdots & \dfrac{y_C}{S_C(z)} \end{matrix}} \class{bracketed}{\begin{matrix} S_1(z)(1 - S_1(z) & \cdots & -S_1(z)S_C(z) \\ \vdots & \ddots & \vdots \\ -S_1(z)S_C(z) & \cdots & S_C(z)(1 - S_C(z)) \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} -y_1(1 - S_1(z)) + \displaystyle\sum_{i \neq 1}^{C} y_i S_1(z) & \cdots & -y_C(1 - S_C(z)) + \displaystyle\sum_{i \neq C}^{C} y_i S_C(z) \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} -y_1 + y_1 S_1(z) + \displaystyle\sum_{i \neq 1}^{C} y_i S_1(z) & \cdots & -y_C + y_C S_C(z) + \displaystyle\sum_{i \neq C}^{C} y_i S_C(z) \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} -y_1 + S_1(z) \displaystyle\sum_{i=1}^{C} y_i & \cdots & -y_C + S_C(z) \displaystyle\sum_{i=1}^{C} y_i \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} S_1(z) - y_1 & \cdots & S_C(z) - y_C \end{matrix}} \end{aligned}`,
  },
  { kind: "equation", id: "E8" },
];
