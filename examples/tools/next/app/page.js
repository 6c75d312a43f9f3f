"use client";
import { useEffect, useState } from "react";
import { task } from "../task.js";

export default function Page() {
  const [line, setLine] = useState("at work");
  useEffect(() => {
    task().then(setLine, (error) => setLine(`failed: ${error}`));
  }, []);
  useEffect(() => {
    document.title = line;
  }, [line]);
  return <p>{line}</p>;
}
