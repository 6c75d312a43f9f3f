"""Writes fixtures.json: small good files made by other people's libraries, as base64, for tests of the readers.

Run by hand where NumPy, Pillow and PyArrow are installed: python fixtures.py > fixtures.json
"""

import base64
import io
import json

import numpy as np
import PIL
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

files = {}


def keep(name, data):
    files[name] = base64.b64encode(data).decode()


def saved(save, *args, **kwargs):
    out = io.BytesIO()
    save(out, *args, **kwargs)
    return out.getvalue()


x = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
y = np.array([1, 0], dtype=np.uint8)
keep("savez.npz", saved(np.savez, x_train=x, y_train=y, x_test=x[:1], y_test=y[:1]))
keep("compressed.npz", saved(np.savez_compressed, X=x.astype(">f8"), y=y.astype(np.int64), note=np.array(["a"], dtype=object)))

n = 40
table = pa.table(
    {
        "f32": pa.array([k / 4 for k in range(n)], pa.float32()),
        "f64": pa.array([k / 3 for k in range(n)], pa.float64()),
        "i32": pa.array([-k for k in range(n)], pa.int32()),
        "i64": pa.array([k * 2**40 for k in range(n)], pa.int64()),
        "u32": pa.array([2**32 - 1 - k for k in range(n)], pa.uint32()),
        "u8": pa.array([k % 3 for k in range(n)], pa.uint8()),
        "bool": pa.array([k % 2 == 0 for k in range(n)]),
        "label": pa.array(["cat" if k % 3 else "dog" for k in range(n)]),
    }
)
kinds = {
    "plain": dict(use_dictionary=False, compression="none"),
    "dictionary": dict(compression="snappy"),
    "groups": dict(row_group_size=7, compression="snappy", data_page_size=16),
    "v2": dict(data_page_version="2.0", compression="snappy", write_page_checksum=True),
    "split": dict(use_dictionary=False, use_byte_stream_split=["f32", "f64", "i32", "i64"], compression="none"),
    "zstd": dict(compression="zstd"),
}
for name, options in kinds.items():
    keep(f"{name}.parquet", saved(lambda out: pq.write_table(table, out, **options)))
nulls = pa.table({"a": pa.array([1.0, 2.0, None, None]), "label": pa.array([0, 1, 0, 1])})
keep("nulls.parquet", saved(lambda out: pq.write_table(nulls, out)))
keep("nested.parquet", saved(lambda out: pq.write_table(pa.table({"a": [[1], [2]], "label": [0, 1]}), out)))

pixels = np.random.default_rng(1).integers(0, 256, (9, 7, 4), dtype=np.uint8)
images = {
    "L": Image.fromarray(pixels[..., 0]),
    "RGB": Image.fromarray(pixels[..., :3]),
    "1": Image.fromarray(pixels[..., 0]).convert("1"),
    "P": Image.fromarray(pixels[..., :3]).quantize(5),
}
grey = {}
for name, image in images.items():
    keep(f"{name}.png", saved(image.save, format="png"))
    grey[name] = np.asarray(image.convert("L")).ravel().tolist()

versions = {"numpy": np.__version__, "pillow": PIL.__version__, "pyarrow": pa.__version__}
print(json.dumps({"versions": versions, "grey": grey, "files": files}, indent=1))
