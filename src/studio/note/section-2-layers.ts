// Section 2 of the note from the network to the recursion, as printed.
import type { Block } from "./note-blocks.ts";

const column = (top: string, bottom: string) =>
  String.raw`\class{bracketed}{\begin{matrix} ${top} \\ \vdots \\ ${bottom} \end{matrix}}`;
const byW11 = String.raw`\frac{\partial}{\partial w_{1,1}}`;

export const SECTION_2_LAYERS: readonly Block[] = [
  {
    kind: "prose",
    text: String.raw`We can now use this as a starting point to calculate our gradients with respect to the weights and biases. Using a 4 layer NN with ReLU activations the forward prediction for a batch of inputs $x \in 1 \times D$ is,`,
  },
  { kind: "equation", id: "E9" },
  { kind: "prose", text: "We will define some useful variables," },
  {
    kind: "steps",
    spoken: "z_1 = XW_1 + b_1, z_2 = σ(XW_1 + b_1)W_2 + b_2, z_3 = σ(σ(XW_1 + b_1)W_2 + b_2)W_3 + b_3",
    latex: String.raw`\begin{aligned} z_1 &= XW_1 + b_1 \\ z_2 &= sigma(XW_1 + b_1)W_2 + b_2 \\ z_3 &= \sigma(\sigma(XW_1 + b_1)W_2 + b_2)W_3 + b_3 \end{aligned}`,
    slip: String.raw`“sigma” in $z_2$ is the activation $\sigma$.`,
  },
  { kind: "equation", id: "E10" },
  {
    kind: "prose",
    text: String.raw`Finding the gradient with respect to $b_4$ is trivial because $\frac{\partial z}{\partial b_4} = I$, so this yields a gradient of`,
  },
  {
    kind: "steps",
    spoken: "∇b_4 is ∂l/∂f(x) times ∂f(x)/∂b_4",
    latex: String.raw`\nabla_{b_4} = \frac{\partial l}{\partial f(x)} \frac{\partial f(x)}{\partial b_4}`,
  },
  { kind: "equation", id: "E11" },
  {
    kind: "prose",
    text: String.raw`Finding the gradient with respect to the weights is a bit more difficult because it involves finding the Jacobian tensor or each element of $f(x)$ has a gradient with respect to a single weight. this means the Jacobian $\frac{\partial f(x)}{\partial W_4}$ is a $C \times C \times H$ tensor. Examining one of these sub-Jacobians,`,
    slip: String.raw`$C \times H \times C$: one entry for each output of $f(x)$ and each weight of $W_4 \in H \times C$.`,
  },
  {
    kind: "steps",
    spoken: "∇W_4 l: the matrix of ∂l/∂w_p,q, each of them ∂l/∂f(x) times ∂f(x)/∂w_p,q",
    latex: String.raw`\begin{aligned} \nabla_{W_4} l &= \class{bracketed}{\begin{matrix} \dfrac{\partial l}{\partial w_{1,1}} & \cdots & \dfrac{\partial l}{\partial w_{1,C}} \\ \vdots & \ddots & \vdots \\ \dfrac{\partial l}{\partial w_{H,1}} & \cdots & \dfrac{\partial l}{\partial w_{H,C}} \end{matrix}} \\ &= \class{bracketed}{\begin{matrix} \dfrac{\partial l}{\partial f(x)} \dfrac{\partial f(x)}{\partial w_{1,1}} & \cdots & \dfrac{\partial l}{\partial f(x)} \dfrac{\partial f(x)}{\partial w_{1,C}} \\ \vdots & \ddots & \vdots \\ \dfrac{\partial l}{\partial f(x)} \dfrac{\partial f(x)}{\partial w_{H,1}} & \cdots & \dfrac{\partial l}{\partial f(x)} \dfrac{\partial f(x)}{\partial w_{H,C}} \end{matrix}} \end{aligned}`,
  },
  { kind: "prose", text: "With a sub-jacobian," },
  {
    kind: "steps",
    spoken: "the derivative of f(x) with respect to w_1,1 is σ(z_3)_1 in its first component and 0 in all others",
    latex: String.raw`\begin{aligned} \frac{\partial l}{f(x)} \frac{\partial f(x)}{\partial w_{1,1}} &= \delta^L ${column(String.raw`${byW11} \sigma(z_3) W_{:,1}^4`, String.raw`${byW11} \sigma(z_3) W_{:,C}^4`)} \\ &= \delta^4 ${column(String.raw`${byW11} \sum_{i=1}^{H} \sigma(z_i^3) w_{i,1}`, String.raw`${byW11} \sum_{i=1}^{H} \sigma(z_i^3) w_{i,C}`)} \\ &= \delta^4 ${column(String.raw`${byW11} w_{1,1} \sigma(z_1^3) + \sum_{i \neq 1}^{H} \sigma(z_i^3) w_{i,1}`, "0")} \\ &= \delta^4 ${column(String.raw`\sigma(z_1^3)`, "0")} \\ &= \delta_1^4 \sigma(z_1^3) \end{aligned}`,
    slip: String.raw`$\frac{\partial l}{\partial f(x)}$ is meant: a $\partial$ is missing. $\delta^L$ and $\delta^4$ are the same here, and layer numbers move up: $z_1^3$ is the first element of $z_3$.`,
  },
  { kind: "prose", text: "Similarly for other weights in the gradient matrix," },
  {
    kind: "steps",
    spoken: "for w_1,2 it is δ^4_2 σ(z_3)_1, for w_2,1 it is δ^4_1 σ(z_3)_2",
    latex: String.raw`\begin{aligned} \frac{\partial l}{f(x)} \frac{\partial f(x)}{\partial w_{1,2}} &= \delta_2^4 \sigma(z_1^3) \\ \frac{\partial l}{f(x)} \frac{\partial f(x)}{\partial w_{2,1}} &= \delta_1^4 \sigma(z_2^3) \end{aligned}`,
  },
  { kind: "equation", id: "E12" },
  { kind: "prose", text: "Giving a full matrix gradient of," },
  {
    kind: "steps",
    spoken: "∇W_4 l has δ^4_q σ(z_3)_p in row p and column q",
    latex: String.raw`\nabla_{W_4} l = \class{bracketed}{\begin{matrix} \delta_1^4 \sigma(z_1^3) & \delta_2^4 \sigma(z_1^3) & \dots & \delta_C^4 \sigma(z_1^3) \\ \delta_1^4 \sigma(z_2^3) & \ddots & & \vdots \\ \vdots & & \ddots & \vdots \\ \delta_1^4 \sigma(z_H^3) & \dots & \dots & \delta_C^4 \sigma(z_H^3) \end{matrix}}`,
  },
  { kind: "equation", id: "E13" },
  {
    kind: "prose",
    text: String.raw`Which just so happens to be an outer product between the input to the final layer and $\delta^L$ (A moderately efficient result). We can now do the same for the parameters of the third layer,`,
  },
  {
    kind: "steps",
    spoken: "∇b_3 l by the chain rule through f(x), σ(z_3) and z_3",
    latex: String.raw`\begin{aligned} \nabla_{b_3} l &= \frac{\partial l}{\partial f(x)} \frac{\partial f(x)}{\partial \sigma(z_3)} \frac{\partial \sigma(z_3)}{\partial b_3} \\ &= \delta^4 \frac{\partial f(x)}{\partial \sigma(z_3)} \frac{\partial \sigma(z_3)}{\partial z_3} \frac{\partial z_3}{\partial b_3} \end{aligned}`,
  },
  { kind: "prose", text: "Solving for some intermediate values," },
  {
    kind: "steps",
    spoken: "∂f(x)/∂σ(z_3) is the derivative of σ(z_3) W_4 + b_4",
    latex: String.raw`\frac{\partial f(x)}{\partial \sigma(z_3)} = \frac{\partial}{\partial \sigma(z_3)} \sigma(z_3) W_4 + b_4`,
  },
  { kind: "equation", id: "E14" },
  { kind: "equation", id: "E15" },
  {
    kind: "steps",
    spoken: "∂z_3/∂b_3 = I",
    latex: String.raw`\frac{\partial z_3}{\partial b_3} = I`,
  },
  { kind: "prose", text: "So we get," },
  {
    kind: "steps",
    spoken: "∇b_3 l is δ^4 times the three Jacobians",
    latex: String.raw`\begin{aligned} \nabla_{b_3} l &= \delta^4 \frac{\partial f(x)}{\partial \sigma(z_3)} \frac{\partial \sigma(z_3)}{\partial z_3} \frac{\partial z_3}{\partial b_3} \\ &= \delta^4 W_4^T diag(\sigma'(z_3)) I \end{aligned}`,
  },
  { kind: "equation", id: "E16" },
  {
    kind: "prose",
    text: String.raw`Where a the diagonal matrix with $\sigma'(z_3)$ can be turned into a hadamar product (element-wise multiplication) for efficiency. We can now define a useful intermediate value $\delta^l$`,
    slip: "A Hadamard product.",
  },
  { kind: "equation", id: "E17" },
  { kind: "prose", text: "Now finding the gradient for the $W_3$," },
  {
    kind: "steps",
    spoken: "∇W_3 l is δ^3 times ∂z_3/∂W_3",
    latex: String.raw`\begin{aligned} \nabla_{W_3} l &= \delta^4 \frac{\partial f(x)}{\partial z_3} \frac{\partial z_3}{\partial W_3} \\ &= \delta^3 \frac{\partial z_3}{\partial W_3} \end{aligned}`,
  },
  {
    kind: "prose",
    text: String.raw`We also see that $\frac{\partial z_3}{\partial W_3}$ has an eerily similar form to the previous gradient with respect to the weights. So the full gradient will be,`,
  },
  { kind: "equation", id: "E18" },
  {
    kind: "prose",
    text: "This process can be repeated for an arbitrary number of layers but I will define each gradient generally then specifically for our NN. Please remember this is for row vector outputs specifically, column vector outputs have a slightly different form.",
  },
];
