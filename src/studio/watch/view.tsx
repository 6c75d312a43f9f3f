// The Watch view.
export function WatchView() {
  return <p class="empty">Here you see weights, activations, errors and mistakes while the network learns.</p>;
}
