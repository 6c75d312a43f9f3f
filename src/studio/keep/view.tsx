// The Keep view.
export function KeepView() {
  return <p class="empty">Here you take the model, the run and its record with you.</p>;
}
