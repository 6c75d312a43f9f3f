# Asks the server with NVIDIA's tritonclient, in JSON and in binary, and prints what it was told as JSON.
import json
import sys

import numpy as np
import tritonclient.http as http

url, rows = sys.argv[1], json.loads(sys.argv[2])
client = http.InferenceServerClient(url)
told = {
    "live": client.is_server_live(),
    "ready": client.is_server_ready() and client.is_model_ready("numbers") and client.is_model_ready("numbers", "1"),
    "extensions": client.get_server_metadata()["extensions"],
    "inputs": client.get_model_metadata("numbers")["inputs"],
}


def ask(model, tensors, binary):
    inputs = []
    for name, datatype, values in tensors:
        tensor = http.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        inputs.append(tensor)
    names = ["class", "label", "probabilities"]
    outputs = [http.InferRequestedOutput(name, binary_data=binary) for name in names]
    answer = client.infer(model, inputs, outputs=outputs, request_id="42")
    assert answer.get_response()["id"] == "42"
    texts = [text.decode() if isinstance(text, bytes) else text for text in answer.as_numpy("class")]
    return [texts, answer.as_numpy("label").tolist(), answer.as_numpy("probabilities").tolist()]


numbers = np.array(rows, dtype=np.float64)
words = [
    ("size", "FP64", np.array([[0.5], [-1.0]])),
    ("kind", "BYTES", np.array([["ü"], [""]], dtype=np.object_)),
    ("rank", "BYTES", np.array([["low"], ["high"]], dtype=np.object_)),
    ("on", "BOOL", np.array([[True], [False]])),
    ("day", "BYTES", np.array([["2026-03-11"], ["2026-08-02"]], dtype=np.object_)),
]
for binary in (False, True):
    told["binary" if binary else "json"] = [
        ask("numbers", [("features", "FP64", numbers)], binary),
        ask("words", words, binary),
    ]
try:
    ask("numbers", [("features", "FP64", numbers[:, :3])], True)
except http.InferenceServerException as error:
    told["refused"] = [error.status(), error.message()]
print(json.dumps(told))
