"""Batches: TensorDataset and DataLoader, shuffled, with worker processes."""

import torch
import torch.utils.data as Data

torch.manual_seed(1)

BATCH_SIZE = 5
x = torch.linspace(1, 10, 10)
y = torch.linspace(10, 1, 10)


class Squares(Data.Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return {"x": float(i), "square": torch.tensor(i * i), "name": f"n{i}"}


class Stream(Data.IterableDataset):
    def __iter__(self):
        info = Data.get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(first, 9, step))


class Broken(Squares):
    def __getitem__(self, i):
        if i == 3:
            raise KeyError("item three")
        return i


def pairs(batch):
    return torch.stack([a for a, _ in batch]), [float(b) for _, b in batch]


if __name__ == "__main__":
    torch_dataset = Data.TensorDataset(x, y)
    for workers in (0, 2):
        loader = Data.DataLoader(dataset=torch_dataset, batch_size=BATCH_SIZE, shuffle=True, num_workers=workers)
        for epoch in range(2):
            for step, (batch_x, batch_y) in enumerate(loader):
                print(
                    "Epoch: ", epoch, "| Step: ", step, "| batch x: ", batch_x.numpy(), "| batch y: ", batch_y.numpy()
                )
    print(len(loader), len(torch_dataset), torch_dataset[3])
    for batch in Data.DataLoader(Squares(), batch_size=3):
        print(batch)
    for batch in Data.DataLoader(Squares(), batch_size=4, drop_last=True, sampler=Data.SequentialSampler(Squares())):
        print(batch["name"])
    print(list(Data.DataLoader(Stream(), batch_size=4)), list(Data.DataLoader(Stream(), batch_size=4, num_workers=2)))
    print(list(Data.DataLoader(torch_dataset, batch_size=3, collate_fn=pairs))[0])
    try:
        list(Data.DataLoader(Broken(), batch_size=2, num_workers=1))
    except KeyError as error:
        print(type(error).__name__, "item three" in str(error))
    parts = Data.random_split(torch_dataset, [7, 3], generator=torch.Generator().manual_seed(4))
    print([len(p) for p in parts], parts[0].indices, parts[1][0])
    print(len(Data.ConcatDataset([torch_dataset, torch_dataset])), Data.Subset(torch_dataset, [1, 2])[0])
    weighted = Data.WeightedRandomSampler([0.1, 0.9, 0.0], 8, generator=torch.Generator().manual_seed(0))
    print(list(weighted), list(Data.BatchSampler(Data.SequentialSampler(range(7)), 3, False)))
