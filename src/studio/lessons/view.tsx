// The Lessons view.
export function LessonsView() {
  return <p class="empty">Here are lessons, each one link.</p>;
}
