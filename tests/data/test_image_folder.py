"""Image folders: torchvision's layout and order, and errors that name the folder."""

import shutil

import numpy as np
import pytest
from PIL import Image

from imagenet_course.data import load
from imagenet_course.data.sets.imagenette import CLASS_OF_WNID


def write(path, color="red", size=(8, 6)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)


def link_folder(link, folder):
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:  # Windows keeps links for those who may
        pytest.skip("this system makes no links")


@pytest.fixture
def pictures(tmp_path):
    root = tmp_path / "my pictures 猫"
    for split, count in (("train", 3), ("val", 2), ("test", 1)):
        for name, color in (("cat", "red"), ("Dog", "blue"), ("élan", "lime")):
            for i in range(count):
                write(root / split / name / f"{i} {split}.png", color)
    write(root / "train" / "cat" / "deeper" / "JPEG.JPG", "red")
    (root / "train" / "cat" / "notes.txt").write_text("not an image")
    (root / "train" / "cat" / "._0.png").write_bytes(b"\0\5\26\7 what macOS leaves behind")
    (root / "train" / ".ipynb_checkpoints").mkdir()
    return root


def test_the_order_is_that_of_torchvision(pictures):
    from torchvision.datasets import ImageFolder

    (pictures / "train" / "cat" / "._0.png").unlink()
    (pictures / "train" / ".ipynb_checkpoints").rmdir()
    link_folder(pictures / "train" / "cat" / "linked", pictures / "val" / "cat")
    theirs = ImageFolder(pictures / "train")
    ours = load("folder", "train", path=pictures)
    assert list(zip(ours.paths, ours.labels.tolist(), strict=True)) == theirs.samples
    assert list(ours.classes) == theirs.classes


def test_a_class_may_be_called_train(tmp_path):
    for name in ("plane", "train"):
        write(tmp_path / name / "0.png")
    dataset = load("folder", path=tmp_path)
    assert (dataset.split, dataset.classes, len(dataset)) == ("all", ("plane", "train"), 2)


def test_images_are_read_when_asked_for(pictures):
    dataset = load("folder", "validation", path=pictures)
    assert len(dataset) == 6
    for image, label in dataset:
        color = {"cat": [255, 0, 0], "Dog": [0, 0, 255], "élan": [0, 255, 0]}
        np.testing.assert_array_equal(image[0, 0], color[dataset.classes[label]])
        assert image.shape == (6, 8, 3)
    np.testing.assert_array_equal(dataset.named("Dog")[0, 0], [0, 0, 255])


def test_hidden_files_and_folders_and_other_files_are_ignored(pictures):
    dataset = load("folder", path=pictures)
    assert dataset.split == "train"
    assert len(dataset) == 10
    assert dataset.classes == ("Dog", "cat", "élan")
    assert dataset.info.splits == {"train": 10}
    assert dataset.info.classes == dataset.classes


def test_a_folder_without_splits_is_one_split(pictures):
    dataset = load("folder", path=pictures / "train")
    assert dataset.split == "all"
    assert len(dataset) == 10
    with pytest.raises(ValueError, match=r"unknown split.*'train'.*all"):
        load("folder", "train", path=pictures / "train")


def test_the_split_goes_by_either_name(pictures):
    assert load("folder", "val", path=pictures).paths == (
        load("folder", "validation", path=pictures).paths
    )


def test_an_empty_class_folder_is_refused_by_name(pictures):
    (pictures / "train" / "zebra").mkdir()
    (pictures / "val" / "zebra").mkdir()
    (pictures / "test" / "zebra").mkdir()
    (pictures / "train" / "zebra" / "readme.md").touch()
    with pytest.raises(ValueError, match=r"zebra' holds no image.*remove the folder"):
        load("folder", "train", path=pictures)


def test_classes_that_differ_between_splits_are_refused_by_name(pictures):
    shutil.rmtree(pictures / "val" / "Dog")
    write(pictures / "test" / "ibex" / "a.png")
    with pytest.raises(ValueError, match="different classes") as error:
        load("folder", "train", path=pictures)
    assert "train lacks ibex" in str(error.value)
    assert "validation lacks Dog, ibex" in str(error.value)
    assert "test lacks" not in str(error.value)


def test_an_unlabeled_test_set_does_not_hinder_training(pictures):
    shutil.rmtree(pictures / "test")
    write(pictures / "test" / "0001.png")
    assert len(load("folder", "train", path=pictures)) == 10
    with pytest.raises(ValueError, match=r"test' holds no class folders"):
        load("folder", "test", path=pictures)


def test_missing_folders_and_paths_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*nowhere'"):
        load("folder", path=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="'folder' needs the option 'path'"):
        load("folder")
    with pytest.raises(ValueError, match="holds no class folders"):
        load("folder", path=tmp_path)


def test_imagenet_goes_by_wnids_and_names(tmp_path):
    for split in ("train", "val"):
        for wnid in ("n02102040", "n01440764", "n09999999"):
            write(tmp_path / split / wnid / "ILSVRC2012_1.JPEG")
    dataset = load("imagenet", "train", path=tmp_path)
    assert dataset.info.wnids == ("n01440764", "n02102040", "n09999999")
    assert dataset.classes == ("tench", "English springer", "n09999999")
    assert len(load("imagenet", "val", path=tmp_path)) == 3


def test_all_thousand_classes_of_imagenet_have_torchvisions_names(tmp_path):
    for i in range(1000):
        write(tmp_path / "val" / f"n{i:08d}" / "a.JPEG", size=(1, 1))
    classes = load("imagenet", "validation", path=tmp_path).classes
    assert len(set(classes)) > 990
    assert classes[0] == "tench"
    assert set(CLASS_OF_WNID.values()) <= set(classes)


def test_imagenet_that_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"image-net\.org"):
        load("imagenet", "train", path=tmp_path)
