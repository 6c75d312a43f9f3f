// The Train view.
export function TrainView() {
  return <p class="empty">Here you choose data and settings, and train.</p>;
}
