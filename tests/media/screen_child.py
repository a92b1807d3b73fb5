"""A source process that captures a screen and says what it saw: display."""

from __future__ import annotations

import json
import sys

from media.clock import now_us
from media.source import VideoItem
from media.video.avsource import AvSource
from media.video.i420 import to_bgr
from media.video.screen import screen_input


def main() -> None:
    source = AvSource(screen_input(platform="linux", environment={"DISPLAY": sys.argv[1]}))
    source.open()
    items = [source.read() for _ in range(5)]
    item = items[-1]
    assert isinstance(item, VideoItem)
    age_us = now_us() - item.stamp_us
    image = to_bgr(item.planes)
    seen = {
        "size": [item.planes.width_px, item.planes.height_px],
        "left": image[180, 100].tolist(),
        "right": image[180, 500].tolist(),
        "age_us": age_us,
    }
    source.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
