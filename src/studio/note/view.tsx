// The Note view.
export function NoteView() {
  return <p class="empty">Here stands the derivation, each equation with its live values.</p>;
}
