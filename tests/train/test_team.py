"""A team of two processes trains as one."""

from functools import partial

import pytest
import torch

from rtgen.errors import RenderError
from rtgen.train.team import Team, train_together


def work(folder, team):
    """One step of a line through its own point, from the leader's start."""
    torch.manual_seed(team.rank)
    net = torch.nn.Linear(1, 1, bias=False)
    start = team.agreed(net.weight.detach().clone())
    with torch.no_grad():
        net.weight.copy_(start)
    net(torch.full((1, 1), 1.0 + team.rank)).sum().backward()
    team.average_gradients(net)
    (folder / f"{team.rank}.txt").write_text(f"{start.item()!r} {net.weight.grad.item()!r}")
    return team.size


def read(path):
    return [float(word) for word in path.read_text().split()]


@pytest.mark.filterwarnings("ignore")
def test_two_processes_agree_on_the_start_and_on_every_gradient(tmp_path):
    assert train_together(partial(work, tmp_path), devices=2) == 2
    first, second = (read(tmp_path / f"{rank}.txt") for rank in (0, 1))
    assert first == second
    assert first[1] == pytest.approx(1.5)
    torch.manual_seed(0)
    assert first[0] == pytest.approx(torch.nn.Linear(1, 1, bias=False).weight.item())


def test_one_process_is_a_team_without_fabric(tmp_path):
    assert train_together(partial(work, tmp_path)) == 1
    assert read(tmp_path / "0.txt")[1] == 1.0
    assert Team().fabric is None
    assert Team().leads


def test_more_devices_than_there_are_is_refused():
    with pytest.raises(RenderError, match="CUDA devices, not 64"):
        train_together(partial(work, None), device="cuda", devices=64)


@pytest.mark.parametrize("device", ["foo", "", "cpu:1", "mps", "meta", "cuda:", "cuda:-1"])
def test_a_device_of_another_kind_is_refused(device):
    with pytest.raises(RenderError, match=f"no device '{device}'"):
        train_together(partial(work, None), device=device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="it would be there")
def test_a_cuda_device_that_is_not_there_is_refused():
    with pytest.raises(RenderError, match="there are 0 CUDA devices, not 1"):
        train_together(partial(work, None), device="cuda:7")
