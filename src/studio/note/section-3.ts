// Section 3 of the note, as printed.
import type { Block } from "./note-blocks.ts";

export const SECTION_3: readonly Block[] = [
  { kind: "heading", text: "3 Mini-Batches" },
  {
    kind: "prose",
    text: "The gradients above are great when evaluated at a single point, however this is a very noisy estimate of the gradient. We can see this by taking the expectation of the gradient and using a monte-carlo estimator",
  },
  { kind: "equation", id: "E35" },
  {
    kind: "steps",
    spoken: "with equality in the limit of an infinite batch",
    latex: String.raw`= \lim_{|B| \to \infty} \frac{1}{|B|} \sum_{(x_i, y_i) \in B} \nabla_\theta \mathcal{L}(f(x_i, \theta), y_i)`,
    slip: "The limit equals the expectation on the left, not the estimate before it.",
  },
  {
    kind: "prose",
    text: String.raw`This means our SGD estimate of the gradient is simply the average gradient over the mini-batch (which is nice for us). However vectorizing this runs into the question, how do we implement the $\frac{1}{|B|}$ for the weights and the bias?`,
  },
  {
    kind: "prose",
    text: String.raw`For a mini-batch the gradient of the bias will have a batch dimension or $\delta^l \in B \times K$ where $K$ is the dimension of the bias. In this case, the batch dimension indicates the gradient for each sample in the mini-batch, so the estimated gradient will be,`,
  },
  { kind: "equation", id: "E36" },
  {
    kind: "prose",
    text: "So we effectively perform a summation of each component of the gradient along the batch dimension and divide by $B$. For the gradient of the weights we can examine the formula,",
  },
  {
    kind: "steps",
    spoken: "σ(z_l−1)ᵀ δ^l, with z_l−1 B×P and δ^l B×K: each entry is a sum over the examples of the batch",
    latex: String.raw`\begin{aligned} \nabla_{W_l} \mathcal{L} &= \sigma(z_{l-1})^T \delta^l \qquad (z_{l-1}) \in B \times P,\ \delta^l \in B \times K) \\ &= \class{bracketed}{\begin{matrix} \sigma(z_{l-1}^1)^T & \sigma(z_{l-1}^2)^T & \dots & \sigma(z_{l-1}^B)^T \end{matrix}} \class{bracketed}{\begin{matrix} \delta_1^l \\ \delta_2^l \\ \vdots \\ \delta_B^l \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} \sum_{i=1}^{B} \sigma(z_{1,i}^{l-1}) \delta_{i,1}^l & \dots & \sum_{i=1}^{B} \sigma(z_{1,i}^{l-1}) \delta_{i,K}^l \\ \vdots & \ddots & \vdots \\ \sum_{i=1}^{B} \sigma(z_{P,i}^{l-1}) \delta_{i,1}^l & \dots & \sum_{i=1}^{B} \sigma(z_{P,i}^{l-1}) \delta_{i,K}^l \end{matrix}} \end{aligned}`,
    slip: String.raw`$(z_{l-1} \in B \times P,\ \delta^l \in B \times K)$: a bracket stands one symbol early.`,
  },
  {
    kind: "prose",
    text: "One can see with the form of the gradient of the weights that the summation over the batch dimension is already occurring in the outer product. As a result, for the weights, we simply have to divide the result by $B$ to get an estimate for the gradient.",
  },
  { kind: "equation", id: "E37" },
];
