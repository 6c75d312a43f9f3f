// The Draw view.
export function DrawView() {
  return <p class="empty">Here you draw a digit and ask the network.</p>;
}
