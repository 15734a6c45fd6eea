# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Small shaded polygon meshes: built once, posed and drawn in perspective each frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from restage.scene.camera import CAMERA_HEIGHT, Camera
from restage.scene.types import Colour, Floats, Image
from restage.scene.weather import Weather

SHIFT = 3  # fractional bits of polygon corners


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A light on an object: its place (m, object frame), colour, and which way it shines."""

    place: tuple[float, float, float]
    colour: Colour
    forward: bool


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Faces in drawing order over shared vertices; colours are BGR 0-255, metres elsewhere."""

    vertices: Floats
    faces: tuple[tuple[int, int], ...]  # first and last + 1 of consecutive vertices
    colours: Floats
    normals: Floats
    centres: Floats
    outline: Floats  # the vertices that can lie on the silhouette
    extent: Floats  # largest absolute x, y, z
    lamps: tuple[Lamp, ...]


@dataclass
class MeshBuilder:
    """Collects faces; a face is 4 (or more) corners seen from outside."""

    vertices: list[Floats] = field(default_factory=list)
    faces: list[tuple[int, int]] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    normals: list[Floats] = field(default_factory=list)
    centres: list[Floats] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)

    def face(self, corners: Floats, colour: Colour, normal: Floats) -> None:
        """Add a flat face of N x 3 corners."""
        first = len(self.vertices)
        self.vertices.extend(corners)
        self.faces.append((first, first + len(corners)))
        self.colours.append(colour)
        self.normals.append(normal / np.linalg.norm(normal))
        self.centres.append(corners.mean(axis=0))

    def build(self) -> Mesh:
        """Return the finished mesh."""
        vertices = np.array(self.vertices)
        angle, tilt = np.meshgrid(np.arange(0.1, 6.2, 0.3), np.arange(-1.4, 1.5, 0.35))
        flat = np.cos(tilt)
        ways = np.stack([flat * np.cos(angle), np.sin(tilt), flat * np.sin(angle)]).reshape(3, -1)
        extreme = np.unique((vertices @ ways).argmax(axis=0))
        return Mesh(
            vertices=vertices,
            outline=vertices[extreme],
            extent=np.abs(vertices).max(axis=0),
            faces=tuple(self.faces),
            colours=np.array(self.colours, dtype=float),
            normals=np.array(self.normals),
            centres=np.array(self.centres),
            lamps=tuple(self.lamps),
        )


def patch(corners: Floats, s0: float, s1: float, t0: float, t1: float) -> Floats:
    """Return the part [s0, s1] x [t0, t1] of a quad given as lower/upper left/right corners."""
    low_left, low_right, high_right, high_left = corners

    def at(s: float, t: float) -> Floats:
        low = low_left + (low_right - low_left) * s
        high = high_left + (high_right - high_left) * s
        return np.asarray(low + (high - low) * t)

    return np.stack([at(s0, t0), at(s1, t0), at(s1, t1), at(s0, t1)])


def rotation(heading: float) -> Floats:
    """Return the 3 x 3 turn about the vertical; 0 points away from the camera (+z)."""
    c, s = float(np.cos(heading)), float(np.sin(heading))
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def draw_mesh(
    canvas: Image, mesh: Mesh, place: Floats, heading: float, camera: Camera, weather: Weather
) -> Floats:
    """Paint ``mesh`` standing at ``place`` (x, y, z in m); return its outline in pixels."""
    turn = rotation(heading)
    pixels = camera.project(mesh.vertices @ turn.T + place)
    fixed = np.clip(pixels * (1 << SHIFT), -400_000, 400_000).astype(np.int32)
    normals = mesh.normals @ turn.T
    eye = np.array([camera.lateral, CAMERA_HEIGHT, 0.0])
    towards = eye - (mesh.centres @ turn.T + place)
    seen = np.einsum('ij,ij->i', normals, towards) > 0.0
    colours = weather.shade(mesh.colours, normals @ np.asarray(weather.sun), float(place[2]))
    shades = colours.tolist()
    for index in np.flatnonzero(seen).tolist():
        first, last = mesh.faces[index]
        cv2.fillConvexPoly(canvas, fixed[first:last], shades[index], cv2.LINE_AA, SHIFT)
    return camera.project(mesh.outline @ turn.T + place)
