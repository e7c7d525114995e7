"""The CNN of the lessons on the emulated device: the losses of the CPU, and no copies to the host but the loss."""

from tests.cusim.emulated import run
from tests.cusim.requirements import needs_emulation


@needs_emulation
def test_losses_are_the_cpu_s_and_a_step_copies_nothing_to_the_host_but_its_loss(tmp_path):
    run(
        """
        import kernels
        import minitorch as torch
        from minitorch.models.cnn import CNN
        import minitorch.nn.functional as F
        from minitorch import optim

        images = np.random.default_rng(0).random((4, 8, 1, 28, 28), dtype=np.float32)
        labels = np.random.default_rng(1).integers(0, 10, (4, 8))

        def train(device):
            torch.manual_seed(0)
            model = CNN().to(device)
            optimizer = optim.SGD(model.parameters(), lr=0.1)
            losses = []
            for x, y in zip(images, labels):
                x, y = torch.tensor(x, device=device), torch.tensor(y, device=device)
                before = emulator.counters()
                loss = F.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                work = emulator.counters() - before
                assert work.copies_to_host == 0, work
                losses.append(loss.item())
                assert (emulator.counters() - before).copies_to_host == (device != "cpu")
            return np.array(losses)

        cpu = train("cpu")
        with kernels.using("reference"):
            reference = train("cpu")
        gpu = train("cuda")
        # The forms for NumPy and the reference round differently on the CPU: their distance shows how far rounding
        # carries. The first loss is a sum of at most 1,568 products.
        budget = 8 * abs(cpu - reference).max() + 1568 * np.finfo(np.float32).eps
        assert abs(gpu - cpu).max() <= budget, (gpu, cpu, reference)
        assert len(set(gpu)) == 4
        """,
        folder=tmp_path,
    )
